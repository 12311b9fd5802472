"""Word lists of mnemonic phrases, one module a language, imported only when used."""
