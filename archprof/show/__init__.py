"""What every command shows in: tables, terminals, Markdown, annotations, a layer in short."""
