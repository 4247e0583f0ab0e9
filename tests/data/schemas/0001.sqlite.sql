CREATE TABLE people_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT people_alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE people_person (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	directory_id VARCHAR NOT NULL, 
	handle VARCHAR, 
	manager_id INTEGER, 
	photo_digest VARCHAR, 
	left_at DATETIME, 
	is_hidden BOOLEAN DEFAULT 0 NOT NULL, 
	hidden_provisionally BOOLEAN DEFAULT 0 NOT NULL, 
	read_alone_at DATETIME, 
	name VARCHAR NOT NULL, 
	given_name VARCHAR NOT NULL, 
	surname VARCHAR NOT NULL, 
	sort_key VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	team VARCHAR NOT NULL, 
	teams JSON, 
	office VARCHAR NOT NULL, 
	city VARCHAR NOT NULL, 
	mail VARCHAR NOT NULL, 
	phones JSON, 
	mobiles JSON, 
	extra JSON, 
	time_zone VARCHAR NOT NULL, 
	dn_key BIGINT NOT NULL, 
	manager_key BIGINT, 
	photo_offered VARCHAR, 
	joined_at DATETIME NOT NULL, 
	problems JSON, 
	fingerprint VARCHAR NOT NULL, 
	entry_digest BLOB, 
	CONSTRAINT uq_people_person_directory_id UNIQUE (directory_id), 
	CONSTRAINT uq_people_person_handle UNIQUE (handle)
);
CREATE TABLE people_staged_person (
	person_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	directory_id VARCHAR NOT NULL, 
	handle VARCHAR, 
	manager_id INTEGER, 
	is_new BOOLEAN DEFAULT 0 NOT NULL, 
	name VARCHAR NOT NULL, 
	given_name VARCHAR NOT NULL, 
	surname VARCHAR NOT NULL, 
	sort_key VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	team VARCHAR NOT NULL, 
	teams JSON, 
	office VARCHAR NOT NULL, 
	city VARCHAR NOT NULL, 
	mail VARCHAR NOT NULL, 
	phones JSON, 
	mobiles JSON, 
	extra JSON, 
	time_zone VARCHAR NOT NULL, 
	dn_key BIGINT NOT NULL, 
	manager_key BIGINT, 
	photo_offered VARCHAR, 
	joined_at DATETIME NOT NULL, 
	problems JSON, 
	fingerprint VARCHAR NOT NULL, 
	entry_digest BLOB, 
	CONSTRAINT pk_people_staged_person PRIMARY KEY (person_id)
);
CREATE VIRTUAL TABLE people_index USING fts5(names, logins, work, teams, detail='column', prefix='1 2');
CREATE TABLE people_photo_source (
	digest VARCHAR NOT NULL, 
	data BLOB, 
	run_id INTEGER NOT NULL, 
	problem JSON, 
	CONSTRAINT pk_people_photo_source PRIMARY KEY (digest)
);
CREATE TABLE people_photo (
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_people_photo PRIMARY KEY (digest, size)
);
CREATE TABLE people_sync_state (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	checkpoint JSON, 
	mapping VARCHAR NOT NULL, 
	full_at DATETIME, 
	CONSTRAINT pk_people_sync_state PRIMARY KEY (id)
);
CREATE TABLE people_sync_run (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	kind VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	reasons JSON, 
	counts JSON NOT NULL, 
	problems JSON NOT NULL
);
CREATE TABLE people_lease (
	name VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_people_lease PRIMARY KEY (name)
);
CREATE TABLE people_follow (
	follower_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_people_follow PRIMARY KEY (follower_id, person_id), 
	CONSTRAINT fk_people_follow_follower_id FOREIGN KEY(follower_id) REFERENCES people_person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_people_follow_person_id FOREIGN KEY(person_id) REFERENCES people_person (id) ON DELETE CASCADE
);
CREATE TABLE people_calendar (
	person_id INTEGER NOT NULL, 
	read_at DATETIME NOT NULL, 
	digest VARCHAR NOT NULL, 
	problems JSON, 
	mail VARCHAR NOT NULL, 
	CONSTRAINT pk_people_calendar PRIMARY KEY (person_id), 
	CONSTRAINT fk_people_calendar_person_id FOREIGN KEY(person_id) REFERENCES people_person (id) ON DELETE CASCADE
);
CREATE TABLE people_guest_list (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	CONSTRAINT uq_people_guest_list_digest UNIQUE (digest)
);
CREATE TABLE people_guest (
	list_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	person_id INTEGER, 
	name VARCHAR NOT NULL, 
	CONSTRAINT pk_people_guest PRIMARY KEY (list_id, position), 
	CONSTRAINT fk_people_guest_list_id FOREIGN KEY(list_id) REFERENCES people_guest_list (id) ON DELETE CASCADE, 
	CONSTRAINT fk_people_guest_person_id FOREIGN KEY(person_id) REFERENCES people_person (id) ON DELETE SET NULL
);
CREATE TABLE people_meeting (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	all_day BOOLEAN NOT NULL, 
	title VARCHAR NOT NULL, 
	location VARCHAR NOT NULL, 
	guest_list_id INTEGER NOT NULL, 
	CONSTRAINT uq_people_meeting_owner_id_key UNIQUE (owner_id, "key"), 
	CONSTRAINT fk_people_meeting_owner_id FOREIGN KEY(owner_id) REFERENCES people_person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_people_meeting_guest_list_id FOREIGN KEY(guest_list_id) REFERENCES people_guest_list (id)
);
CREATE TABLE people_hello (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sender_id INTEGER NOT NULL, 
	receiver_id INTEGER NOT NULL, 
	low_id INTEGER NOT NULL, 
	high_id INTEGER NOT NULL, 
	meeting_key VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	text VARCHAR NOT NULL, 
	sent_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	reply VARCHAR, 
	replied_at DATETIME, 
	reply_seen_at DATETIME, 
	sender_met_at DATETIME, 
	receiver_met_at DATETIME, 
	met_at DATETIME, 
	CONSTRAINT uq_people_hello_low_id_high_id_meeting_key UNIQUE (low_id, high_id, meeting_key), 
	CONSTRAINT fk_people_hello_sender_id FOREIGN KEY(sender_id) REFERENCES people_person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_people_hello_receiver_id FOREIGN KEY(receiver_id) REFERENCES people_person (id) ON DELETE CASCADE
);
CREATE TABLE people_login_attempt (
	"key" VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_people_login_attempt PRIMARY KEY ("key")
);
CREATE INDEX ix_people_person_manager_id_sort_key_id ON people_person (manager_id, sort_key, id);
CREATE INDEX ix_people_person_sort_key_id_is_hidden ON people_person (sort_key, id, is_hidden) WHERE left_at IS NULL;
CREATE INDEX ix_people_person_joined_at ON people_person (joined_at) WHERE left_at IS NULL;
CREATE INDEX ix_people_person_left_at ON people_person (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX ix_people_person_mail ON people_person (mail);
CREATE INDEX ix_people_person_dn_key ON people_person (dn_key);
CREATE INDEX ix_people_person_id ON people_person (id) WHERE is_hidden = 1;
CREATE INDEX ix_people_person_photo_offered_photo_digest ON people_person (photo_offered, photo_digest) WHERE photo_offered IS NOT NULL;
CREATE INDEX ix_people_person_photo_digest_photo_offered ON people_person (photo_digest, photo_offered) WHERE photo_digest IS NOT NULL;
CREATE INDEX ix_people_person_sort_key_id ON people_person (sort_key, id) WHERE problems IS NOT NULL;
CREATE INDEX ix_people_person_manager_key ON people_person (manager_key) WHERE manager_id IS NULL AND manager_key IS NOT NULL;
CREATE INDEX ix_people_follow_person_id ON people_follow (person_id);
CREATE INDEX ix_people_guest_person_id ON people_guest (person_id);
CREATE INDEX ix_people_meeting_key ON people_meeting ("key");
CREATE INDEX ix_people_meeting_guest_list_id ON people_meeting (guest_list_id);
CREATE INDEX ix_people_hello_sender_id ON people_hello (sender_id);
CREATE INDEX ix_people_hello_receiver_id ON people_hello (receiver_id);
CREATE INDEX ix_people_login_attempt_since ON people_login_attempt (since);
INSERT INTO people_alembic_version ("version_num") VALUES ('0001');
INSERT INTO people_person ("id", "directory_id", "handle", "manager_id", "photo_digest", "left_at", "is_hidden", "hidden_provisionally", "read_alone_at", "name", "given_name", "surname", "sort_key", "title", "team", "teams", "office", "city", "mail", "phones", "mobiles", "extra", "time_zone", "dn_key", "manager_key", "photo_offered", "joined_at", "problems", "fingerprint", "entry_digest") VALUES (1, 'id-alice', 'alice', NULL, 'a1', NULL, 0, 0, NULL, 'Alice Liddell', 'Alice', 'Liddell', 'liddell alice', 'Optical Engineer', 'Optics', '["Optics", "Lab"]', 'Elbe 1.07', 'Dresden', 'alice@northwind.example', '["+49 30 23125 128"]', NULL, '{"Parking": ["7", "8"]}', '', -1, NULL, 'a1', '2026-03-02 10:00:00.000000', '[["no-name", "cn", ""]]', 'print of alice', X'00FF27');
INSERT INTO people_person ("id", "directory_id", "handle", "manager_id", "photo_digest", "left_at", "is_hidden", "hidden_provisionally", "read_alone_at", "name", "given_name", "surname", "sort_key", "title", "team", "teams", "office", "city", "mail", "phones", "mobiles", "extra", "time_zone", "dn_key", "manager_key", "photo_offered", "joined_at", "problems", "fingerprint", "entry_digest") VALUES (2, 'id-bob', 'bob', 1, NULL, NULL, 0, 0, NULL, 'Bob O''Hara', 'Bob', 'O''Hara', 'ohara bob', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'bob@northwind.example', NULL, NULL, NULL, '', -2, NULL, NULL, '2026-03-02 10:00:00.000000', NULL, 'print of bob', X'00FF27');
INSERT INTO people_person ("id", "directory_id", "handle", "manager_id", "photo_digest", "left_at", "is_hidden", "hidden_provisionally", "read_alone_at", "name", "given_name", "surname", "sort_key", "title", "team", "teams", "office", "city", "mail", "phones", "mobiles", "extra", "time_zone", "dn_key", "manager_key", "photo_offered", "joined_at", "problems", "fingerprint", "entry_digest") VALUES (3, 'id-dana', 'dana', NULL, NULL, NULL, 0, 0, NULL, 'Dana Whitfield', 'Dana', 'Whitfield', 'whitfield dana', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'dana@northwind.example', NULL, NULL, NULL, '', -3, NULL, NULL, '2026-03-02 10:00:00.000000', NULL, 'print of dana', X'00FF27');
INSERT INTO people_person ("id", "directory_id", "handle", "manager_id", "photo_digest", "left_at", "is_hidden", "hidden_provisionally", "read_alone_at", "name", "given_name", "surname", "sort_key", "title", "team", "teams", "office", "city", "mail", "phones", "mobiles", "extra", "time_zone", "dn_key", "manager_key", "photo_offered", "joined_at", "problems", "fingerprint", "entry_digest") VALUES (4, 'id-jörg', 'jörg', NULL, NULL, '2026-03-02 10:00:00.000000', 0, 0, NULL, 'Jörg Dreßler', 'Jörg', 'Dreßler', 'dressler jorg', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'jörg@northwind.example', NULL, NULL, NULL, '', -4, NULL, NULL, '2026-03-02 10:00:00.000000', NULL, 'print of jörg', X'00FF27');
INSERT INTO people_staged_person ("person_id", "run_id", "directory_id", "handle", "manager_id", "is_new", "name", "given_name", "surname", "sort_key", "title", "team", "teams", "office", "city", "mail", "phones", "mobiles", "extra", "time_zone", "dn_key", "manager_key", "photo_offered", "joined_at", "problems", "fingerprint", "entry_digest") VALUES (3, 9, 'id-dana', NULL, NULL, 0, 'Dana Whitfield-Moss', 'Dana', 'Whitfield-Moss', 'whitfieldmoss dana', 'Optical Engineer', 'Optics', NULL, 'Elbe 1.07', 'Dresden', 'dana@northwind.example', NULL, NULL, NULL, '', -3, NULL, NULL, '2026-03-02 10:00:00.000000', NULL, 'print of dana', NULL);
INSERT INTO people_index ("names", "logins", "work", "teams", "rowid") VALUES ('alice liddell', '', '07 1 dresden elbe engineer lab optical optics', 'lab optics', 1);
INSERT INTO people_index ("names", "logins", "work", "teams", "rowid") VALUES ('bob hara o ohara', '', '07 1 dresden elbe engineer optical optics', 'optics', 2);
INSERT INTO people_index ("names", "logins", "work", "teams", "rowid") VALUES ('dana whitfield', '', '07 1 dresden elbe engineer optical optics', 'optics', 3);
INSERT INTO people_index ("names", "logins", "work", "teams", "rowid") VALUES ('dressler jorg', '', '07 1 dresden elbe engineer optical optics', 'optics', 4);
INSERT INTO people_photo_source ("digest", "data", "run_id", "problem") VALUES ('a1', X'FFD8', 1, NULL);
INSERT INTO people_photo ("digest", "size", "data") VALUES ('a1', 64, X'5249464600');
INSERT INTO people_sync_state ("id", "run_id", "checkpoint", "mapping", "full_at") VALUES (1, 1, '{"cookie": "x"}', 'm', '2026-03-02 10:00:00.000000');
INSERT INTO people_sync_run ("id", "started_at", "finished_at", "kind", "status", "reasons", "counts", "problems") VALUES (1, '2026-03-02 10:00:00.000000', '2026-03-02 10:00:00.000000', 'full', 'done', NULL, '{}', '[]');
INSERT INTO people_sync_run ("id", "started_at", "finished_at", "kind", "status", "reasons", "counts", "problems") VALUES (2, '2026-03-02 10:00:00.000000', NULL, '', 'failed', '[["directory-down", "", "dc1"]]', '{}', '[["dana", "", "no-name", "cn", ""]]');
INSERT INTO people_lease ("name", "expires_at") VALUES ('photos', '2026-03-02 10:00:00.000000');
INSERT INTO people_follow ("follower_id", "person_id", "since") VALUES (1, 4, '2026-03-02 10:00:00.000000');
INSERT INTO people_follow ("follower_id", "person_id", "since") VALUES (2, 1, '2026-03-02 10:00:00.000000');
INSERT INTO people_calendar ("person_id", "read_at", "digest", "problems", "mail") VALUES (1, '2026-03-02 10:00:00.000000', 'c', '[["directory-down", "", "dc1"]]', 'a@x.example');
INSERT INTO people_guest_list ("id", "digest", "size") VALUES (4, 'd', 2);
INSERT INTO people_guest ("list_id", "position", "person_id", "name") VALUES (4, 0, 1, '');
INSERT INTO people_guest ("list_id", "position", "person_id", "name") VALUES (4, 1, NULL, 'A guest');
INSERT INTO people_meeting ("id", "owner_id", "key", "starts_at", "ends_at", "all_day", "title", "location", "guest_list_id") VALUES (7, 1, 'k', '2026-03-02 10:00:00.000000', '2026-03-02 11:00:00.000000', 0, 'Planning; Q3', '', 4);
INSERT INTO people_hello ("id", "sender_id", "receiver_id", "low_id", "high_id", "meeting_key", "starts_at", "ends_at", "text", "sent_at", "withdrawn_at", "reply", "replied_at", "reply_seen_at", "sender_met_at", "receiver_met_at", "met_at") VALUES (3, 1, 2, 1, 2, 'k', '2026-03-02 10:00:00.000000', '2026-03-02 11:00:00.000000', 'Looking forward; it''s about time', '2026-03-02 10:00:00.000000', NULL, 'Hi back.', NULL, NULL, NULL, NULL, NULL);
INSERT INTO people_login_attempt ("key", "count", "since") VALUES ('digest', 2, '2026-03-02 10:00:00.000000');
DELETE FROM sqlite_sequence WHERE name = 'people_person';
INSERT INTO sqlite_sequence ("name", "seq") VALUES ('people_person', 5);
DELETE FROM sqlite_sequence WHERE name = 'people_sync_run';
INSERT INTO sqlite_sequence ("name", "seq") VALUES ('people_sync_run', 2);
DELETE FROM sqlite_sequence WHERE name = 'people_guest_list';
INSERT INTO sqlite_sequence ("name", "seq") VALUES ('people_guest_list', 4);
DELETE FROM sqlite_sequence WHERE name = 'people_meeting';
INSERT INTO sqlite_sequence ("name", "seq") VALUES ('people_meeting', 7);
DELETE FROM sqlite_sequence WHERE name = 'people_hello';
INSERT INTO sqlite_sequence ("name", "seq") VALUES ('people_hello', 3);
