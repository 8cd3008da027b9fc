package codecommit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// decodeAll returns the content of a reply to GetBlob, if it has any.
func decodeAll(body []byte) (content []byte, found bool, err error) {
	var reply map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&reply); err != nil {
		return nil, false, err
	}
	text, ok := reply["content"].(string)
	if !ok {
		return nil, false, nil
	}
	content, err = base64.StdEncoding.DecodeString(text)
	return content, true, err
}

func TestDecodeBlobReply(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("0123456789abcdef\x00\xff"), 4_000)
	encoded := base64.StdEncoding.EncodeToString(large)
	tests := []struct {
		name, body string
		want       string
		rest       bool // another form, left to the SDK
		err        string
	}{
		{name: "content", body: `{"content":"aGVsbG8="}`, want: "hello"},
		{name: "empty", body: `{"content":""}`},
		{name: "without padding to do", body: `{"content":"YWJj"}`, want: "abc"},
		{name: "double padding", body: `{"content":"YQ=="}`, want: "a"},
		{name: "large", body: `{"content":"` + encoded + `"}`, want: string(large)},
		{name: "escaped slashes", body: `{"content":"\/\/\/\/"}`, want: "\xff\xff\xff"},
		{name: "unicode escapes", body: `{"content":"\u002f\u002F\u0041\u003d"}`, want: "\xff\xf0"},
		{name: "escaped line breaks", body: `{"content":"aGVs\nbG8=\r\n"}`, want: "hello"},
		{name: "escaped unicode line breaks", body: `{"content":"aG\u000aVsbG8="}`, want: "hello"},
		{name: "other members behind", body: `{"content":"YWJj","more":{"a":[1,"}"]}}`, want: "abc"},
		{name: "space behind", body: "{\"content\":\"YWJj\" \r\n\t} \n", want: "abc"},

		{name: "space", body: `{ "content" : "YWJj" }`, rest: true},
		{name: "other members first", body: `{"more":1,"content":"YWJj"}`, rest: true},
		{name: "null", body: `{"content":null}`, rest: true},
		{name: "nothing", body: ``, rest: true},
		{name: "short", body: `{}`, rest: true},
		{name: "the start alone", body: `{"content`, rest: true},
		{name: "no object", body: `<html><body>proxy</body></html>`, rest: true},

		{name: "truncated at once", body: `{"content":"`, err: "unexpected EOF"},
		{name: "truncated", body: `{"content":"aGVs`, err: "unexpected EOF"},
		{name: "truncated in a group", body: `{"content":"aGVsb`, err: "unexpected EOF"},
		{name: "truncated in an escape", body: `{"content":"aGVs\u00`, err: "unexpected EOF"},
		{name: "truncated behind the content", body: `{"content":"aGVs"`, err: "unexpected EOF"},
		{name: "truncated large", body: `{"content":"` + encoded, err: "unexpected EOF"},
		{name: "no padding", body: `{"content":"aGVsbG8"}`, err: "the middle of a group"},
		{name: "URL encoding", body: `{"content":"__--"}`, err: "illegal base64"},
		{name: "content behind the padding", body: `{"content":"YQ==YQ=="}`, err: "base64"},
		{name: "padding of two groups", body: `{"content":"YQ==` + strings.Repeat("A", 40_000) + `"}`, err: "base64"},
		{name: "escaped quote", body: `{"content":"YWJj\""}`, err: "the middle of a group"},
		{name: "escaped letter", body: `{"content":"YW\tj"}`, err: `escape "\\t"`},
		{name: "escape beyond ASCII", body: `{"content":"YWJj\u00e9"}`, err: "which is not base64"},
		{name: "no hexadecimal", body: `{"content":"YWJj\uzzzz"}`, err: "which is not base64"},
		{name: "raw line break", body: "{\"content\":\"YWJj\n\n\n\n\"}", err: "line break that is not escaped"},
		{name: "no end", body: `{"content":"YWJj"`, err: "unexpected EOF"},
		{name: "another end", body: `{"content":"YWJj"]`, err: "not an object of JSON"},
		{name: "text behind", body: `{"content":"YWJj"} and more`, err: "not an object of JSON"},
		{name: "another object", body: `{"content":"YWJj"}{}`, err: "not an object of JSON"},
	}
	readers := map[string]func(io.Reader) io.Reader{
		"whole":          func(r io.Reader) io.Reader { return r },
		"one byte":       iotest.OneByteReader,
		"half":           iotest.HalfReader,
		"EOF with data":  iotest.DataErrReader,
		"byte, with EOF": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
	}
	for _, test := range tests {
		for name, wrap := range readers {
			for _, length := range []int64{-1, 0, int64(len(test.body)), 1 << 40} {
				content, rest, err := decodeBlobReply(wrap(strings.NewReader(test.body)), length)
				switch {
				case test.err != "":
					if err == nil || !strings.Contains(err.Error(), test.err) || content != nil {
						t.Errorf("%s, %s: %q, %v, want an error with %q", test.name, name, content, err, test.err)
					}
					if strings.Contains(test.err, "EOF") && !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("%s, %s: %v is not io.ErrUnexpectedEOF", test.name, name, err)
					}
				case err != nil:
					t.Errorf("%s, %s: %v", test.name, name, err)
				default:
					left, err := io.ReadAll(rest)
					wantLeft := "{}"
					if test.rest {
						wantLeft = test.body
					}
					if err != nil || string(left) != wantLeft {
						t.Errorf("%s, %s: the rest is %q, %v, want %q", test.name, name, left, err, wantLeft)
					}
					if string(content) != test.want || (content == nil) != test.rest {
						t.Errorf("%s, %s: content %.40q, want %.40q", test.name, name, content, test.want)
					}
				}
			}
		}
	}
}

func TestDecodeBlobReplyReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, body := range []string{"", `{"cont`, `{"content":"`, `{"content":"aGVs`, `{"content":"aGVs"`} {
		content, rest, err := decodeBlobReply(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)), -1)
		if err == nil && content == nil {
			_, err = io.ReadAll(rest) // what the SDK sees
		}
		if !errors.Is(err, broken) || content != nil {
			t.Errorf("%q: %q, %v, want the error of the connection", body, content, err)
		}
	}
}

// FuzzBlobReply compares the decoder with those of JSON and base64.
func FuzzBlobReply(f *testing.F) {
	for _, body := range []string{
		`{"content":"aGVsbG8="}`, `{"content":""}`, `{"content":"\/\u002f+\n=="}`, `{"content":"YWJj","content":"YWJk"}`,
		`{"content":"YWJj","x":[{"y":"}"}]} `, `{"content":"YQ==YQ=="}`, `{ "content":"YWJj"}`, `{"content":"YWJj`, `{"content":"YR=="}`,
		`{"content":"Y\\nQ=="}`, `{"content":"aGVs\u00"}`, `{"content":"YWJ\u006A"}`,
	} {
		f.Add([]byte(body), uint16(3))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		// Pieces of another size change nothing.
		pieces := &pieceReader{data: body, size: int(size)%5000 + 1}
		content, rest, err := decodeBlobReply(pieces, int64(len(body)))
		whole, _, wholeErr := decodeBlobReply(bytes.NewReader(body), -1)
		if !bytes.Equal(content, whole) || (err == nil) != (wholeErr == nil) {
			t.Fatalf("in pieces of %d: %q, %v, but whole: %q, %v", pieces.size, content, err, whole, wholeErr)
		}
		// Of a member that is there twice, the SDK takes the last. No service
		// sends that.
		if strings.Count(strings.ToLower(string(body)), "content") > 1 || bytes.Count(body, []byte(`"`)) > 4 && bytes.Contains(body, []byte(`\u`)) {
			return
		}
		want, found, wantErr := decodeAll(body)
		switch {
		case err != nil:
			if wantErr == nil && found && json.Valid(body) {
				t.Fatalf("%q: %v, want %q", body, err, want)
			}
		case content != nil:
			if wantErr != nil || !found || !bytes.Equal(content, want) || !json.Valid(body) {
				t.Fatalf("%q: %q, want %q, %v, %v", body, content, want, found, wantErr)
			}
		default:
			left, err := io.ReadAll(rest)
			if err != nil || !bytes.Equal(left, body) {
				t.Fatalf("the rest is %q, %v, want %q", left, err, body)
			}
		}
	})
}

// pieceReader returns at most size bytes at once.
type pieceReader struct {
	data []byte
	size int
}

func (r *pieceReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), r.size)])
	r.data = r.data[n:]
	return n, nil
}
