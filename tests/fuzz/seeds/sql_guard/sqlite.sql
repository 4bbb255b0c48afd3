WITH d(a, b) AS (SELECT a, b FROM t UNION ALL VALUES (1, 'x')) SELECT "a", SUM(b) OVER (ORDER BY a) FROM d -- end
;