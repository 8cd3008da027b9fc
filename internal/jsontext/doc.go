// Package jsontext reads JSON text strictly, and writes strings into it.
//
// The package accepts nothing that RFC 8259 does not: events and patterns
// decide what a pipeline does and must mean the same to every reader. Strings
// share memory with one copy of the text, errors have an offset and hold no
// values, and nesting ends at [MaxDepth].
//
// encoding/json does not do: it takes the last of two members of one name,
// replaces invalid UTF-8, and loses the text of what it decoded. Once
// encoding/json/jsontext is no longer an experiment of the standard library,
// it can take the place of this package.
package jsontext
