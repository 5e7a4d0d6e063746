-- The log of API requests, packed: what one process wrote at once, of one environment and one second.
-- Not clustered: rows are few and large.
CREATE TABLE api_logs (
    environment_id {text} NOT NULL,
    -- Seconds since 1970, from the times inside the IDs of the requests.
    bucket BIGINT NOT NULL,
    -- The lowest and the highest ID of a request among the entries.
    first_id {text} NOT NULL,
    last_id {text} NOT NULL,
    -- Compressed, then sealed under a key of the environment. What tells of a subject is sealed under its
    -- data key within.
    entries BYTEA NOT NULL,
    PRIMARY KEY (environment_id, bucket, first_id)
);

-- How many requests of the current minute all processes together have admitted or leased.
CREATE TABLE rate_windows (
    environment_id {text} NOT NULL PRIMARY KEY,
    opened_at BIGINT NOT NULL,
    used BIGINT NOT NULL
) {clustered};
