CREATE TABLE public.people_alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.people_calendar (
    person_id integer NOT NULL,
    read_at timestamp with time zone NOT NULL,
    digest character varying NOT NULL,
    problems json,
    mail character varying NOT NULL
);
CREATE TABLE public.people_follow (
    follower_id integer NOT NULL,
    person_id integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.people_guest (
    list_id integer NOT NULL,
    "position" integer NOT NULL,
    person_id integer,
    name character varying NOT NULL
);
CREATE TABLE public.people_guest_list (
    id integer NOT NULL,
    digest character varying NOT NULL,
    size integer NOT NULL
);
CREATE SEQUENCE public.people_guest_list_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_guest_list_id_seq OWNED BY public.people_guest_list.id;
CREATE TABLE public.people_hello (
    id integer NOT NULL,
    sender_id integer NOT NULL,
    receiver_id integer NOT NULL,
    low_id integer NOT NULL,
    high_id integer NOT NULL,
    meeting_key character varying NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    text character varying NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    reply character varying,
    replied_at timestamp with time zone,
    reply_seen_at timestamp with time zone,
    sender_met_at timestamp with time zone,
    receiver_met_at timestamp with time zone,
    met_at timestamp with time zone
);
CREATE SEQUENCE public.people_hello_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_hello_id_seq OWNED BY public.people_hello.id;
CREATE TABLE public.people_index (
    rowid bigint NOT NULL,
    lexemes tsvector NOT NULL
);
CREATE TABLE public.people_lease (
    name character varying NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.people_login_attempt (
    key character varying NOT NULL,
    count integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.people_meeting (
    id integer NOT NULL,
    owner_id integer NOT NULL,
    key character varying NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    all_day boolean NOT NULL,
    title character varying NOT NULL,
    location character varying NOT NULL,
    guest_list_id integer NOT NULL
);
CREATE SEQUENCE public.people_meeting_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_meeting_id_seq OWNED BY public.people_meeting.id;
CREATE TABLE public.people_person (
    id integer NOT NULL,
    directory_id character varying NOT NULL,
    handle character varying,
    manager_id integer,
    photo_digest character varying,
    left_at timestamp with time zone,
    is_hidden boolean DEFAULT false NOT NULL,
    hidden_provisionally boolean DEFAULT false NOT NULL,
    read_alone_at timestamp with time zone,
    name character varying NOT NULL,
    given_name character varying NOT NULL,
    surname character varying NOT NULL,
    sort_key character varying NOT NULL COLLATE pg_catalog."C",
    title character varying NOT NULL,
    team character varying NOT NULL,
    teams json,
    office character varying NOT NULL,
    city character varying NOT NULL,
    mail character varying NOT NULL,
    phones json,
    mobiles json,
    extra json,
    time_zone character varying NOT NULL,
    dn_key bigint NOT NULL,
    manager_key bigint,
    photo_offered character varying,
    joined_at timestamp with time zone NOT NULL,
    problems json,
    fingerprint character varying NOT NULL,
    entry_digest bytea
);
CREATE SEQUENCE public.people_person_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_person_id_seq OWNED BY public.people_person.id;
CREATE TABLE public.people_photo (
    digest character varying NOT NULL,
    size integer NOT NULL,
    data bytea NOT NULL
);
CREATE TABLE public.people_photo_source (
    digest character varying NOT NULL,
    data bytea,
    run_id integer NOT NULL,
    problem json
);
CREATE TABLE public.people_staged_person (
    person_id integer NOT NULL,
    run_id integer NOT NULL,
    directory_id character varying NOT NULL,
    handle character varying,
    manager_id integer,
    is_new boolean DEFAULT false NOT NULL,
    name character varying NOT NULL,
    given_name character varying NOT NULL,
    surname character varying NOT NULL,
    sort_key character varying NOT NULL COLLATE pg_catalog."C",
    title character varying NOT NULL,
    team character varying NOT NULL,
    teams json,
    office character varying NOT NULL,
    city character varying NOT NULL,
    mail character varying NOT NULL,
    phones json,
    mobiles json,
    extra json,
    time_zone character varying NOT NULL,
    dn_key bigint NOT NULL,
    manager_key bigint,
    photo_offered character varying,
    joined_at timestamp with time zone NOT NULL,
    problems json,
    fingerprint character varying NOT NULL,
    entry_digest bytea
);
CREATE TABLE public.people_sync_run (
    id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    kind character varying NOT NULL,
    status character varying NOT NULL,
    reasons json,
    counts json NOT NULL,
    problems json NOT NULL
);
CREATE SEQUENCE public.people_sync_run_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_sync_run_id_seq OWNED BY public.people_sync_run.id;
CREATE TABLE public.people_sync_state (
    id integer NOT NULL,
    run_id integer NOT NULL,
    checkpoint json,
    mapping character varying NOT NULL,
    full_at timestamp with time zone
);
CREATE SEQUENCE public.people_sync_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_sync_state_id_seq OWNED BY public.people_sync_state.id;
ALTER TABLE ONLY public.people_guest_list ALTER COLUMN id SET DEFAULT nextval('public.people_guest_list_id_seq'::regclass);
ALTER TABLE ONLY public.people_hello ALTER COLUMN id SET DEFAULT nextval('public.people_hello_id_seq'::regclass);
ALTER TABLE ONLY public.people_meeting ALTER COLUMN id SET DEFAULT nextval('public.people_meeting_id_seq'::regclass);
ALTER TABLE ONLY public.people_person ALTER COLUMN id SET DEFAULT nextval('public.people_person_id_seq'::regclass);
ALTER TABLE ONLY public.people_sync_run ALTER COLUMN id SET DEFAULT nextval('public.people_sync_run_id_seq'::regclass);
ALTER TABLE ONLY public.people_sync_state ALTER COLUMN id SET DEFAULT nextval('public.people_sync_state_id_seq'::regclass);
INSERT INTO public.people_alembic_version VALUES ('0001');
INSERT INTO public.people_calendar VALUES (1, '2026-03-02 10:00:00+00', 'c', '[["directory-down", "", "dc1"]]', 'a@x.example');
INSERT INTO public.people_follow VALUES (1, 4, '2026-03-02 10:00:00+00');
INSERT INTO public.people_follow VALUES (2, 1, '2026-03-02 10:00:00+00');
INSERT INTO public.people_guest VALUES (4, 0, 1, '');
INSERT INTO public.people_guest VALUES (4, 1, NULL, 'A guest');
INSERT INTO public.people_guest_list VALUES (4, 'd', 2);
INSERT INTO public.people_hello VALUES (3, 1, 2, 1, 2, 'k', '2026-03-02 10:00:00+00', '2026-03-02 11:00:00+00', 'Looking forward; it''s about time', '2026-03-02 10:00:00+00', NULL, 'Hi back.', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.people_index VALUES (1, '''nalice'' ''nliddell'' ''tlab'' ''toptics'' ''w07'' ''w1'' ''wdresden'' ''welbe'' ''wengineer'' ''wlab'' ''woptical'' ''woptics''');
INSERT INTO public.people_index VALUES (2, '''nbob'' ''nhara'' ''no'' ''nohara'' ''toptics'' ''w07'' ''w1'' ''wdresden'' ''welbe'' ''wengineer'' ''woptical'' ''woptics''');
INSERT INTO public.people_index VALUES (3, '''ndana'' ''nwhitfield'' ''toptics'' ''w07'' ''w1'' ''wdresden'' ''welbe'' ''wengineer'' ''woptical'' ''woptics''');
INSERT INTO public.people_index VALUES (4, '''ndressler'' ''njorg'' ''toptics'' ''w07'' ''w1'' ''wdresden'' ''welbe'' ''wengineer'' ''woptical'' ''woptics''');
INSERT INTO public.people_lease VALUES ('photos', '2026-03-02 10:00:00+00');
INSERT INTO public.people_login_attempt VALUES ('digest', 2, '2026-03-02 10:00:00+00');
INSERT INTO public.people_meeting VALUES (7, 1, 'k', '2026-03-02 10:00:00+00', '2026-03-02 11:00:00+00', false, 'Planning; Q3', '', 4);
INSERT INTO public.people_person VALUES (1, 'id-alice', 'alice', NULL, 'a1', NULL, false, false, NULL, 'Alice Liddell', 'Alice', 'Liddell', 'liddell alice', 'Optical Engineer', 'Optics', '["Optics", "Lab"]', 'Elbe 1.07', 'Dresden', 'alice@northwind.example', '["+49 30 23125 128"]', NULL, '{"Parking": ["7", "8"]}', '', -1, NULL, 'a1', '2026-03-02 10:00:00+00', '[["no-name", "cn", ""]]', 'print of alice', '\x00ff27');
INSERT INTO public.people_person VALUES (2, 'id-bob', 'bob', 1, NULL, NULL, false, false, NULL, 'Bob O''Hara', 'Bob', 'O''Hara', 'ohara bob', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'bob@northwind.example', NULL, NULL, NULL, '', -2, NULL, NULL, '2026-03-02 10:00:00+00', NULL, 'print of bob', '\x00ff27');
INSERT INTO public.people_person VALUES (3, 'id-dana', 'dana', NULL, NULL, NULL, false, false, NULL, 'Dana Whitfield', 'Dana', 'Whitfield', 'whitfield dana', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'dana@northwind.example', NULL, NULL, NULL, '', -3, NULL, NULL, '2026-03-02 10:00:00+00', NULL, 'print of dana', '\x00ff27');
INSERT INTO public.people_person VALUES (4, 'id-jörg', 'jörg', NULL, NULL, '2026-03-02 10:00:00+00', false, false, NULL, 'Jörg Dreßler', 'Jörg', 'Dreßler', 'dressler jorg', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'jörg@northwind.example', NULL, NULL, NULL, '', -4, NULL, NULL, '2026-03-02 10:00:00+00', NULL, 'print of jörg', '\x00ff27');
INSERT INTO public.people_photo VALUES ('a1', 64, '\x5249464600');
INSERT INTO public.people_photo_source VALUES ('a1', '\xffd8', 1, NULL);
INSERT INTO public.people_staged_person VALUES (3, 9, 'id-dana', NULL, NULL, false, 'Dana Whitfield-Moss', 'Dana', 'Whitfield-Moss', 'whitfieldmoss dana', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'dana@northwind.example', NULL, NULL, NULL, '', -3, NULL, NULL, '2026-03-02 10:00:00+00', NULL, 'print of dana', NULL);
INSERT INTO public.people_sync_run VALUES (1, '2026-03-02 10:00:00+00', '2026-03-02 10:00:00+00', 'full', 'done', NULL, '{}', '[]');
INSERT INTO public.people_sync_run VALUES (2, '2026-03-02 10:00:00+00', NULL, '', 'failed', '[["directory-down", "", "dc1"]]', '{}', '[["dana", "", "no-name", "cn", ""]]');
INSERT INTO public.people_sync_state VALUES (1, 1, '{"cookie": "x"}', 'm', '2026-03-02 10:00:00+00');
SELECT pg_catalog.setval('public.people_guest_list_id_seq', 1, false);
SELECT pg_catalog.setval('public.people_hello_id_seq', 3, true);
SELECT pg_catalog.setval('public.people_meeting_id_seq', 7, true);
SELECT pg_catalog.setval('public.people_person_id_seq', 5, true);
SELECT pg_catalog.setval('public.people_sync_run_id_seq', 2, true);
SELECT pg_catalog.setval('public.people_sync_state_id_seq', 1, false);
ALTER TABLE ONLY public.people_alembic_version
    ADD CONSTRAINT people_alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.people_calendar
    ADD CONSTRAINT pk_people_calendar PRIMARY KEY (person_id);
ALTER TABLE ONLY public.people_follow
    ADD CONSTRAINT pk_people_follow PRIMARY KEY (follower_id, person_id);
ALTER TABLE ONLY public.people_guest
    ADD CONSTRAINT pk_people_guest PRIMARY KEY (list_id, "position");
ALTER TABLE ONLY public.people_guest_list
    ADD CONSTRAINT pk_people_guest_list PRIMARY KEY (id);
ALTER TABLE ONLY public.people_hello
    ADD CONSTRAINT pk_people_hello PRIMARY KEY (id);
ALTER TABLE ONLY public.people_index
    ADD CONSTRAINT pk_people_index PRIMARY KEY (rowid);
ALTER TABLE ONLY public.people_lease
    ADD CONSTRAINT pk_people_lease PRIMARY KEY (name);
ALTER TABLE ONLY public.people_login_attempt
    ADD CONSTRAINT pk_people_login_attempt PRIMARY KEY (key);
ALTER TABLE ONLY public.people_meeting
    ADD CONSTRAINT pk_people_meeting PRIMARY KEY (id);
ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT pk_people_person PRIMARY KEY (id);
ALTER TABLE ONLY public.people_photo
    ADD CONSTRAINT pk_people_photo PRIMARY KEY (digest, size);
ALTER TABLE ONLY public.people_photo_source
    ADD CONSTRAINT pk_people_photo_source PRIMARY KEY (digest);
ALTER TABLE ONLY public.people_staged_person
    ADD CONSTRAINT pk_people_staged_person PRIMARY KEY (person_id);
ALTER TABLE ONLY public.people_sync_run
    ADD CONSTRAINT pk_people_sync_run PRIMARY KEY (id);
ALTER TABLE ONLY public.people_sync_state
    ADD CONSTRAINT pk_people_sync_state PRIMARY KEY (id);
ALTER TABLE ONLY public.people_guest_list
    ADD CONSTRAINT uq_people_guest_list_digest UNIQUE (digest);
ALTER TABLE ONLY public.people_hello
    ADD CONSTRAINT uq_people_hello_low_id_high_id_meeting_key UNIQUE (low_id, high_id, meeting_key);
ALTER TABLE ONLY public.people_meeting
    ADD CONSTRAINT uq_people_meeting_owner_id_key UNIQUE (owner_id, key);
ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT uq_people_person_directory_id UNIQUE (directory_id);
ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT uq_people_person_handle UNIQUE (handle);
CREATE INDEX ix_people_follow_person_id ON public.people_follow USING btree (person_id);
CREATE INDEX ix_people_guest_person_id ON public.people_guest USING btree (person_id);
CREATE INDEX ix_people_hello_receiver_id ON public.people_hello USING btree (receiver_id);
CREATE INDEX ix_people_hello_sender_id ON public.people_hello USING btree (sender_id);
CREATE INDEX ix_people_index_lexemes ON public.people_index USING gin (lexemes);
CREATE INDEX ix_people_login_attempt_since ON public.people_login_attempt USING btree (since);
CREATE INDEX ix_people_meeting_guest_list_id ON public.people_meeting USING btree (guest_list_id);
CREATE INDEX ix_people_meeting_key ON public.people_meeting USING btree (key);
CREATE INDEX ix_people_person_dn_key ON public.people_person USING btree (dn_key);
CREATE INDEX ix_people_person_id ON public.people_person USING btree (id) WHERE is_hidden;
CREATE INDEX ix_people_person_joined_at ON public.people_person USING btree (joined_at) WHERE (left_at IS NULL);
CREATE INDEX ix_people_person_left_at ON public.people_person USING btree (left_at) WHERE (left_at IS NOT NULL);
CREATE INDEX ix_people_person_mail ON public.people_person USING btree (mail);
CREATE INDEX ix_people_person_manager_id_sort_key_id ON public.people_person USING btree (manager_id, sort_key, id);
CREATE INDEX ix_people_person_manager_key ON public.people_person USING btree (manager_key) WHERE ((manager_id IS NULL) AND (manager_key IS NOT NULL));
CREATE INDEX ix_people_person_photo_digest_photo_offered ON public.people_person USING btree (photo_digest, photo_offered) WHERE (photo_digest IS NOT NULL);
CREATE INDEX ix_people_person_photo_offered_photo_digest ON public.people_person USING btree (photo_offered, photo_digest) WHERE (photo_offered IS NOT NULL);
CREATE INDEX ix_people_person_sort_key_id ON public.people_person USING btree (sort_key, id) WHERE (problems IS NOT NULL);
CREATE INDEX ix_people_person_sort_key_id_is_hidden ON public.people_person USING btree (sort_key, id, is_hidden) WHERE (left_at IS NULL);
ALTER TABLE ONLY public.people_calendar
    ADD CONSTRAINT fk_people_calendar_person_id FOREIGN KEY (person_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_follow
    ADD CONSTRAINT fk_people_follow_follower_id FOREIGN KEY (follower_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_follow
    ADD CONSTRAINT fk_people_follow_person_id FOREIGN KEY (person_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_guest
    ADD CONSTRAINT fk_people_guest_list_id FOREIGN KEY (list_id) REFERENCES public.people_guest_list(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_guest
    ADD CONSTRAINT fk_people_guest_person_id FOREIGN KEY (person_id) REFERENCES public.people_person(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.people_hello
    ADD CONSTRAINT fk_people_hello_receiver_id FOREIGN KEY (receiver_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_hello
    ADD CONSTRAINT fk_people_hello_sender_id FOREIGN KEY (sender_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.people_meeting
    ADD CONSTRAINT fk_people_meeting_guest_list_id FOREIGN KEY (guest_list_id) REFERENCES public.people_guest_list(id);
ALTER TABLE ONLY public.people_meeting
    ADD CONSTRAINT fk_people_meeting_owner_id FOREIGN KEY (owner_id) REFERENCES public.people_person(id) ON DELETE CASCADE;
