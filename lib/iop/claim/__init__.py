"""Claims: schemas, requests, statements, presentations, and the verdicts on them.

More than a dozen modules, because each is one document of morpheus 8 or one step of its check: `shape` reads them all,
`signed` signs them, `verdict` and `validation` judge them, `pattern` and `schema` keep hostile schemas in bounds.
"""
