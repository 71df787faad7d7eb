"""Tables of variants as Parquet files in a folder, each written whole or not at all."""
