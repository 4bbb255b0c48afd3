-- Looker Query Context '{"user_id":12}'
WITH verify_attempts AS (SELECT a.account_sid, a."delete", CAST(a.created AS date) AS day,
    replace(a.phone, '+', '') AS phone FROM hive.default.attempts a /* not ';' */
  WHERE a.friendly_name <> 'O''Brien; DELETE FROM t --' AND a.call = 1)
, usage ("day", total) AS (VALUES (DATE '2026-09-01', 1_000), (DATE '2026-09-02', 0x1F))
SELECT (DATE_FORMAT(v.day , '%Y-%m-%d')) AS "verify.day", U&'\00e4' UESCAPE '\', X'00ff',
    COUNT(DISTINCT v.id) FILTER (WHERE v.state = 'sent') AS "verify.attempts",
    CASE WHEN grant > 1e-3 THEN .5 ELSE 2. END, transform(ARRAY[1,2], x -> x + 1)
FROM verify_attempts v WHERE v.t < (WITH q AS (SELECT 1) TABLE q) GROUP BY 1, 2;
