"""What people and publishers bring: files, columns, places; every row kept or refused, with its reason.

A register goes from its files to the rows that take part in this order, and each step is a module:

- `files` (with `stores` for paths elsewhere) and `columns`: which files a source stands for and how they are
  opened, and which of their columns say what;
- `csv_rows` (with `encoding`) and `parquet_rows`: the rows of a format; `reading` has one entry a format, and
  gives tables that are numbered throughout (`register`);
- `admission`: a table of rows becomes firms that take part and lines of refusal. `coordinates` and
  `postcodes` place them on the `ground`, `labels` says what they are, `weights` how many they are, `numbers`
  and `hashing` help, `reasons` has the words;
- `whole_register`: all of that for a whole register or a part; `repeated_ids`: which row of an id stays;
  `populations`: which rows of a point contradict one another.

Shipped firms (`shipped`) and areas (`area_upload`, read by `area_reader`) are small. Whatever is read, the
same sieve parts kept from refused rows and sees that none is lost: `data.refusals`.
"""
