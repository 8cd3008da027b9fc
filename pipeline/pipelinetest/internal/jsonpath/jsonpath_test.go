package jsonpath_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/jsonpath"
)

func TestFind(t *testing.T) {
	t.Parallel()
	var value any
	if err := json.Unmarshal([]byte(`{"ref":"main","head":{"id":"1","message":"Try"},"list":[{"n":1},{"n":2}]}`), &value); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, want string }{
		{"$.ref", `["main"]`},
		{"$['ref']", `["main"]`},
		{`$["head"].message`, `["Try"]`},
		{"$.head['message']", `["Try"]`},
		{"$.head", `[{"id":"1","message":"Try"}]`},
		{"$.head.*", `["1","Try"]`},
		{"$.list[1].n", `[2]`},
		{"$.list[2].n", `[]`},
		{"$.list[*].n", `[1,2]`},
		{"$.list.*", `[{"n":1},{"n":2}]`},
		{"$.list.n", `[]`},
		{"$[0]", `[]`},
		{"$.nothing", `[]`},
		{"$.ref.nothing", `[]`},
	} {
		path, err := jsonpath.Parse(test.path)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.path, err)
			continue
		}
		var want []any
		if err := json.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatal(err)
		}
		less := func(a, b any) bool { // texts come in no order
			x, isText := a.(string)
			y, areTexts := b.(string)
			return isText && areTexts && x < y
		}
		if diff := cmp.Diff(want, path.Find(value), cmpopts.EquateEmpty(), cmpopts.SortSlices(less)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "ref", "$ref", "$.", "$..ref", "$.a[", "$.a[x]", "$.a[-1]", "$.a['']", "$[?(@.a)]", "$.a.length()"} {
		if path, err := jsonpath.Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v", text, path)
		}
	}
}

// A path that can be read can be followed, and $ leads to the whole.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"$", "$.ref", "$['a'][0].b", "$.*", "$..a", "$[-1]", "$.a[*]", "ref"} {
		f.Add(seed)
	}
	value := map[string]any{"ref": "main", "a": []any{map[string]any{"b": true}, nil}}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := jsonpath.Parse(text)
		if err != nil {
			return
		}
		found := path.Find(value)
		if len(path) == 0 && len(found) != 1 {
			t.Errorf("%q leads to %v", text, found)
		}
	})
}
