-- Imports: uploaded files in parts, and what became of their rows, chunk by chunk. Pipelines, runs and importers
-- themselves are records.
CREATE TABLE import_files (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    -- uploading, ready, or erased.
    status {text} NOT NULL,
    -- Name, settings and columns, sealed under the data key of the file. Null once erased.
    header BYTEA,
    -- Bytes of the content in the clear.
    byte_size BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    -- Keyed hash of the content, 16 bytes: the same file twice is noticed. Null while it is uploaded.
    digest_hash BYTEA,
    created_at BIGINT NOT NULL,
    erased_at BIGINT,
    PRIMARY KEY (environment_id, id)
);

-- Not clustered: parts are large.
CREATE TABLE import_parts (
    environment_id {text} NOT NULL,
    file_id {text} NOT NULL,
    -- From 0 on.
    number BIGINT NOT NULL,
    -- Bytes in the clear: the same in all parts but the last.
    byte_size BIGINT NOT NULL,
    -- Keyed hash of the part, 16 bytes.
    digest_hash BYTEA NOT NULL,
    -- Compressed and sealed under the data key of the file.
    content BYTEA NOT NULL,
    PRIMARY KEY (environment_id, file_id, number)
);

-- A chunk of rows that was done in one transaction. Counts stand before the outcomes, so that adding them up does not
-- read those.
CREATE TABLE import_chunks (
    environment_id {text} NOT NULL,
    run_id {text} NOT NULL,
    -- The number of its first row; 1 is the first of the file.
    first_row BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    -- What became of each row, compressed and sealed under the data key of the run. Null once erased.
    outcomes BYTEA,
    PRIMARY KEY (environment_id, run_id, first_row)
);
