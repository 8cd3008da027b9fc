package jsontext_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// read returns the value of a text, with numbers as [json.Number].
func read(text []byte) (value any, raw string, err error) {
	d, err := jsontext.NewScanner(text)
	if err != nil {
		return nil, "", err
	}
	check := *d
	if raw, err = check.Value(); err == nil {
		err = check.End()
	}
	if err != nil {
		return nil, "", err
	}
	value, err = d.Tree()
	return value, raw, err
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                        "want a value, found the end of the text (byte 0)",
		`{"a":1,}`:                "want a member name, found an invalid character (byte 7)",
		`[1 2]`:                   "want a comma or the closing bracket, found a number (byte 3)",
		`{"a" 1}`:                 "want a colon, found a number (byte 5)",
		`01`:                      "not a number (byte 2)",
		`nul`:                     "want a value, found an unknown word (byte 0)",
		`"a`:                      "string without its closing quote (byte 2)",
		`"\x"`:                    "unknown escape in a string (byte 1)",
		"\"\x01\"":                "control character in a string (byte 1)",
		"\"\xff\"":                "not valid UTF-8 (byte 0)",
		`{} 1`:                    "more text behind the JSON value (byte 3)",
		strings.Repeat("[", 1000): "nested more than 128 deep (byte 128)",
	} {
		_, _, err := read([]byte(text))
		var syntaxErr *jsontext.Error
		if !errors.As(err, &syntaxErr) || err.Error() != want {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

// FuzzScanner compares with encoding/json.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.50e+3,"x\u00e9\ud83d\udc4e\n",true,false,null,{}]}`, ` [ ] `, `"\ud83d"`, `{"a":1,"a":2}`, `-`, `1.`, `[1,]`, `"\u12g4"`, `tru`, `{"a":{"b":[[]]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, raw, err := read(data)
		if err != nil {
			if json.Valid(data) && utf8.Valid(data) && !strings.Contains(err.Error(), "nested more than") {
				t.Fatalf("%q is JSON: %v", data, err)
			}
			return
		}
		if strings.TrimSpace(string(data)) != raw {
			t.Fatalf("%q has the value %q", data, raw)
		}
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%q is not JSON: %v", data, err)
		}
		if !reflect.DeepEqual(value, want) {
			t.Fatalf("%q: got %v, encoding/json has %v", data, value, want)
		}
	})
}

func FuzzAppendQuoted(f *testing.F) {
	f.Add("a\"b\\c\n\x00\u2028<é👎")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		value, _, err := read(jsontext.AppendQuoted(nil, s))
		if err != nil || value != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
			t.Fatalf("%q came back as %q, %v", s, value, err)
		}
	})
}
