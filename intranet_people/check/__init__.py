"""The doctor: `flask people check` goes through everything, step by step."""
