//! Uploaded files in parts, and what became of their rows.
//!
//! A file has a data key of its own, and a run too: what they hold is sealed before it comes here.

use muster_domain::{EnvironmentId, ImportFileId, ImporterPipelineRunId, Timestamp};

use crate::error::Result;
use crate::jobs::JobRow;
use crate::{Row, Tx, Value, dialect, params};

crate::statements! {
    INSERT_FILE = "INSERT INTO import_files (environment_id, id, status, header, byte_size, parts, created_at)
                   VALUES ($1, $2, 'uploading', $3, 0, 0, $4)";
    GET_FILE = "SELECT f.id, f.status, f.header, f.byte_size, f.parts, f.digest_hash, f.created_at, f.erased_at,
                    k.wrapped
                FROM import_files f
                LEFT JOIN data_keys k ON k.environment_id = f.environment_id AND k.subject_id = f.id
                WHERE f.environment_id = $1 AND f.id = $2";
    COMPLETE_FILE = "UPDATE import_files SET status = 'ready', byte_size = $3, parts = $4, digest_hash = $5
                     WHERE environment_id = $1 AND id = $2 AND status = 'uploading'";
    SET_HEADER = "UPDATE import_files SET header = $3
                  WHERE environment_id = $1 AND id = $2 AND status <> 'erased'";
    ERASE_FILE = "UPDATE import_files SET status = 'erased', header = NULL, erased_at = $3
                  WHERE environment_id = $1 AND id = $2";
    ERASE_PARTS = "DELETE FROM import_parts
                   WHERE environment_id = $1 AND file_id = $2 AND number >= $3 AND number < $4";
    PUT_PART = "INSERT INTO import_parts (environment_id, file_id, number, byte_size, digest_hash, content)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (environment_id, file_id, number) DO UPDATE
                    SET byte_size = excluded.byte_size, digest_hash = excluded.digest_hash,
                        content = excluded.content";
    PARTS = "SELECT number, byte_size, digest_hash FROM import_parts
             WHERE environment_id = $1 AND file_id = $2 AND number >= $3 ORDER BY number LIMIT $4";
    GET_PART = "SELECT content FROM import_parts WHERE environment_id = $1 AND file_id = $2 AND number = $3";
    INSERT_CHUNK = "INSERT INTO import_chunks (environment_id, run_id, first_row, row_count, created, updated,
                        unchanged, skipped, errors, warnings, outcomes)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    CHUNKS_FROM = "SELECT first_row, row_count, created, updated, unchanged, skipped, errors, warnings, outcomes
                   FROM import_chunks WHERE environment_id = $1 AND run_id = $2 AND first_row >= $3
                   ORDER BY first_row LIMIT $4";
    CHUNKS_UNTIL = "SELECT first_row, row_count, created, updated, unchanged, skipped, errors, warnings, outcomes
                    FROM import_chunks WHERE environment_id = $1 AND run_id = $2 AND first_row <= $3
                    ORDER BY first_row DESC LIMIT $4";
    AMONG_FROM = "SELECT first_row, row_count, created, updated, unchanged, skipped, errors, warnings, outcomes
                  FROM import_chunks WHERE environment_id = $1 AND run_id = $2 AND first_row >= $3
                    AND created * $5 + updated * $6 + unchanged * $7 + skipped * $8 + errors * $9
                        + warnings * $10 > 0
                  ORDER BY first_row LIMIT $4";
    AMONG_UNTIL = "SELECT first_row, row_count, created, updated, unchanged, skipped, errors, warnings, outcomes
                   FROM import_chunks WHERE environment_id = $1 AND run_id = $2 AND first_row <= $3
                     AND created * $5 + updated * $6 + unchanged * $7 + skipped * $8 + errors * $9
                         + warnings * $10 > 0
                   ORDER BY first_row DESC LIMIT $4";
    COVERED = "SELECT first_row, row_count FROM import_chunks
               WHERE environment_id = $1 AND run_id = $2 AND first_row >= $3 ORDER BY first_row LIMIT $4";
    COVERED_UNTIL = "SELECT first_row FROM import_chunks
                     WHERE environment_id = $1 AND run_id = $2 AND first_row <= $3
                     ORDER BY first_row DESC LIMIT 1";
    SUMS = "SELECT CAST(SUM(row_count) AS BIGINT), CAST(SUM(created) AS BIGINT), CAST(SUM(updated) AS BIGINT),
                CAST(SUM(unchanged) AS BIGINT), CAST(SUM(skipped) AS BIGINT), CAST(SUM(errors) AS BIGINT),
                CAST(SUM(warnings) AS BIGINT)
            FROM import_chunks WHERE environment_id = $1 AND run_id = $2";
    ERASE_OUTCOMES = "UPDATE import_chunks SET outcomes = NULL
                      WHERE environment_id = $1 AND run_id = $2 AND first_row >= $3 AND first_row < $4";
    // Whoever does the work of a run has its job still, and this status allows it to go on.
    STATUS_OF_MINE = "SELECT r.status FROM jobs j CROSS JOIN records r
                      WHERE j.environment_id = $1 AND j.id = $2 AND j.attempts = $3
                        AND r.environment_id = $1 AND r.id = $4";
}

crate::batches! {
    SET_OUTCOMES (environment_id Text, run_id Text, first_row Int, earlier Blob, outcomes Blob) =
        "UPDATE import_chunks SET outcomes = r.outcomes FROM {rows}
         WHERE import_chunks.environment_id = r.environment_id AND import_chunks.run_id = r.run_id
           AND import_chunks.first_row = r.first_row AND import_chunks.outcomes = r.earlier";
}

/// A file as it was read, still sealed.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// Its ID.
    pub id: ImportFileId,
    /// `uploading`, `ready` or `erased`.
    pub status: String,
    /// Name, settings and columns, sealed; none once erased.
    pub header: Option<Vec<u8>>,
    /// Bytes in the clear, once it is ready.
    pub byte_size: i64,
    /// How many parts, once it is ready.
    pub parts: i64,
    /// Keyed hash of the content, once it is ready.
    pub digest_hash: Option<Vec<u8>>,
    /// When its upload began.
    pub created_at: Timestamp,
    /// When its content was erased.
    pub erased_at: Option<Timestamp>,
    /// Its wrapped data key.
    pub wrapped_key: Option<Vec<u8>>,
}

/// A part without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// From 0 on.
    pub number: i64,
    /// Bytes in the clear.
    pub byte_size: i64,
    /// Keyed hash of the content.
    pub digest_hash: Vec<u8>,
}

/// How many rows came to what. All but `rows` and `warnings` add up to `rows`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChunkCounts {
    /// All rows.
    pub rows: i64,
    /// Rows that made an account.
    pub created: i64,
    /// Rows that changed one.
    pub updated: i64,
    /// Rows whose account was as wanted.
    pub unchanged: i64,
    /// Rows that were left out.
    pub skipped: i64,
    /// Rows that were refused.
    pub errors: i64,
    /// Warnings.
    pub warnings: i64,
}

/// A chunk of rows that was done in one transaction.
#[derive(Clone, Debug)]
pub struct ChunkRow {
    /// The number of its first row.
    pub first_row: i64,
    /// What its rows came to.
    pub counts: ChunkCounts,
    /// What became of each row, sealed; none once erased.
    pub outcomes: Option<Vec<u8>>,
}

/// Adds a file that is going to be uploaded.
///
/// # Errors
/// What the engine reports.
pub fn insert_file(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    header: &[u8],
    now: Timestamp,
) -> Result<()> {
    tx.execute(&INSERT_FILE, params![environment, id, header, now]).map(|_| ())
}

/// Finds a file.
///
/// # Errors
/// What the engine reports.
pub fn find_file(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &ImportFileId) -> Result<Option<FileRow>> {
    tx.query_opt(&GET_FILE, params![environment, id], |row| {
        Ok(FileRow {
            id: ImportFileId::trusted(row.text(0)?),
            status: row.text(1)?,
            header: row.opt_blob(2)?,
            byte_size: row.int(3)?,
            parts: row.int(4)?,
            digest_hash: row.opt_blob(5)?,
            created_at: row.instant(6)?,
            erased_at: row.opt_instant(7)?,
            wrapped_key: row.opt_blob(8)?,
        })
    })
}

/// Makes a file ready: all of its parts are there. False when it was not being uploaded.
///
/// # Errors
/// What the engine reports.
pub fn complete_file(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    (byte_size, parts): (i64, i64),
    digest_hash: &[u8],
) -> Result<bool> {
    Ok(tx.execute(&COMPLETE_FILE, params![environment, id, byte_size, parts, digest_hash])? == 1)
}

/// Writes the sealed header of a file anew.
///
/// # Errors
/// What the engine reports.
pub fn set_header(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    header: &[u8],
) -> Result<()> {
    tx.execute(&SET_HEADER, params![environment, id, header]).map(|_| ())
}

/// Marks a file as erased; its parts go with [`erase_parts`].
///
/// # Errors
/// What the engine reports.
pub fn erase_file(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&ERASE_FILE, params![environment, id, now]).map(|_| ())
}

/// Erases the parts from one number up to another, which stays. Returns how many there were.
///
/// # Errors
/// What the engine reports.
pub fn erase_parts(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    (from, until): (i64, i64),
) -> Result<u64> {
    tx.execute(&ERASE_PARTS, params![environment, id, from, until])
}

/// Writes a part; one of its number that is there already gives way.
///
/// # Errors
/// What the engine reports.
pub fn put_part(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    part: &PartRow,
    content: &[u8],
) -> Result<()> {
    let values = params![environment, id, part.number, part.byte_size, &part.digest_hash, content];
    tx.execute(&PUT_PART, values).map(|_| ())
}

/// Up to `limit` parts from a number on, without their contents.
///
/// # Errors
/// What the engine reports.
pub fn parts(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    from: i64,
    limit: i64,
) -> Result<Vec<PartRow>> {
    tx.query(&PARTS, params![environment, id, from, limit], |row| {
        Ok(PartRow { number: row.int(0)?, byte_size: row.int(1)?, digest_hash: row.blob(2)? })
    })
}

/// The sealed content of a part.
///
/// # Errors
/// What the engine reports.
pub fn find_part(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    id: &ImportFileId,
    number: i64,
) -> Result<Option<Vec<u8>>> {
    tx.query_opt(&GET_PART, params![environment, id, number], |row| row.blob(0))
}

/// Adds what became of a chunk of rows.
///
/// # Errors
/// What the engine reports, also when one of the rows it starts with was done before.
pub fn insert_chunk(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    chunk: &ChunkRow,
) -> Result<()> {
    let ChunkCounts { rows, created, updated, unchanged, skipped, errors, warnings } = chunk.counts;
    let values = params![
        environment,
        run,
        chunk.first_row,
        rows,
        created,
        updated,
        unchanged,
        skipped,
        errors,
        warnings,
        chunk.outcomes.as_ref(),
    ];
    tx.execute(&INSERT_CHUNK, values).map(|_| ())
}

fn chunk(row: &Row<'_>) -> Result<ChunkRow> {
    let counts = ChunkCounts {
        rows: row.int(1)?,
        created: row.int(2)?,
        updated: row.int(3)?,
        unchanged: row.int(4)?,
        skipped: row.int(5)?,
        errors: row.int(6)?,
        warnings: row.int(7)?,
    };
    Ok(ChunkRow { first_row: row.int(0)?, counts, outcomes: row.opt_blob(8)? })
}

/// Up to `limit` chunks of a run that begin at a row or after it, in their order.
///
/// # Errors
/// What the engine reports.
pub fn chunks_from(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    from: i64,
    limit: i64,
) -> Result<Vec<ChunkRow>> {
    tx.query(&CHUNKS_FROM, params![environment, run, from, limit], chunk)
}

/// Up to `limit` chunks of a run that begin at a row or before it, the last one first.
///
/// # Errors
/// What the engine reports.
pub fn chunks_until(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    until: i64,
    limit: i64,
) -> Result<Vec<ChunkRow>> {
    tx.query(&CHUNKS_UNTIL, params![environment, run, until, limit], chunk)
}

/// Which chunks are meant: those with a row that came to one of the things that are not 0 here, which are 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// Rows that made an account.
    pub created: i64,
    /// Rows that changed one.
    pub updated: i64,
    /// Rows whose account was as wanted.
    pub unchanged: i64,
    /// Rows that were left out.
    pub skipped: i64,
    /// Rows that were refused.
    pub errors: i64,
    /// Warnings.
    pub warnings: i64,
}

/// Which end of the rows of a run is read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the first row on.
    FirstToLast,
    /// From the last row back.
    LastToFirst,
}

/// Up to `limit` chunks of a run with certain rows, that begin at a row or beyond it in the order.
///
/// # Errors
/// What the engine reports.
pub fn chunks_with(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    (from, order, limit): (i64, Order, i64),
    with: With,
) -> Result<Vec<ChunkRow>> {
    let statement = match order {
        Order::FirstToLast => &AMONG_FROM,
        Order::LastToFirst => &AMONG_UNTIL,
    };
    let With { created, updated, unchanged, skipped, errors, warnings } = with;
    let values =
        params![environment, run, from, limit, created, updated, unchanged, skipped, errors, warnings];
    tx.query(statement, values, chunk)
}

/// First row and number of rows of up to `limit` chunks from a row on, without their outcomes.
///
/// # Errors
/// What the engine reports.
pub fn covered(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    from: i64,
    limit: i64,
) -> Result<Vec<(i64, i64)>> {
    tx.query(&COVERED, params![environment, run, from, limit], |row| Ok((row.int(0)?, row.int(1)?)))
}

/// The first row of the last chunk that begins at a row or before it.
///
/// # Errors
/// What the engine reports.
pub fn covered_until(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    until: i64,
) -> Result<Option<i64>> {
    tx.query_opt(&COVERED_UNTIL, params![environment, run, until], |row| row.int(0))
}

/// What all rows of a run came to.
///
/// # Errors
/// What the engine reports.
pub fn sums(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
) -> Result<ChunkCounts> {
    let found = tx.query_opt(&SUMS, params![environment, run], |row| {
        let sum = |at| Ok::<_, crate::Error>(row.opt_int(at)?.unwrap_or(0));
        Ok::<_, crate::Error>(ChunkCounts {
            rows: sum(0)?,
            created: sum(1)?,
            updated: sum(2)?,
            unchanged: sum(3)?,
            skipped: sum(4)?,
            errors: sum(5)?,
            warnings: sum(6)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Erases what became of the single rows of the chunks that begin at a row or after it, and before another. Counts
/// stay.
///
/// # Errors
/// What the engine reports.
pub fn erase_outcomes(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    (from, until): (i64, i64),
) -> Result<u64> {
    tx.execute(&ERASE_OUTCOMES, params![environment, run, from, until])
}

/// What became of the rows of a chunk, to be written anew.
#[derive(Clone, Debug)]
pub struct NewOutcomes<'a> {
    /// Its first row.
    pub first_row: i64,
    /// As it was read, sealed.
    pub before: &'a [u8],
    /// As it is to be, sealed.
    pub after: Vec<u8>,
}

/// Writes what became of the rows of some chunks anew, as far as they still are as they were read. Returns how many were.
///
/// # Errors
/// What the engine reports.
pub fn set_outcomes(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    chunks: &[NewOutcomes<'_>],
) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> = chunks
        .iter()
        .map(|one| params![environment, run, one.first_row, one.before, &one.after].to_vec())
        .collect();
    tx.execute_batch(&SET_OUTCOMES, &rows)
}

/// The status of a run whose job is still that of the caller; it stays so until the transaction ends. None when
/// somebody else has the job, or nobody.
///
/// # Errors
/// What the engine reports.
pub fn hold_status(tx: &mut Tx<'_>, job: &JobRow, run: &ImporterPipelineRunId) -> Result<Option<String>> {
    let values = params![&job.environment, &job.id, job.attempts, run];
    tx.query_opt(dialect::hold_run(tx.engine()), values, |row| row.text(0))
}
