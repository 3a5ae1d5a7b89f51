"""How the bytes of each format are cut into records.

`containers` opens plain, gzip and zip files; `lines` cuts text at its line ends; `delimited`, `json_lines`,
`json_array`, `parquet` and `xlsx` make records; `record` is what they yield.
"""
