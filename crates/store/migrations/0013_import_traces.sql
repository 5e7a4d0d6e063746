-- Where what imports keep of rows lies, by what the account of a row is found by: so it goes when that is redacted.
CREATE TABLE import_traces (
    environment_id {text} NOT NULL,
    run_id {text} NOT NULL,
    -- 1 is the first row of the file.
    row_number BIGINT NOT NULL,
    -- Keyed hash of the key of the row, or of the ID of its account, 16 bytes.
    mark BYTEA NOT NULL,
    PRIMARY KEY (environment_id, run_id, row_number, mark)
) {clustered};
CREATE INDEX import_traces_by_mark ON import_traces (environment_id, mark);
