package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/google/go-cmp/cmp"
)

func TestParseErrors(t *testing.T) {
	t.Parallel()
	wide := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,{"f":[%d]}`, i)
		}
		return "[" + b.String()[1:] + "]"
	}
	tests := []struct{ name, pattern, path, want string }{
		{"nothing", ``, "", "not valid JSON"},
		{"not JSON", `{'a':'b'}`, "", "not valid JSON"},
		{"not UTF-8", "{\"a\":[\"\xff\"]}", "", "not valid UTF-8"},
		{"two values", `{"a":["x"]} {}`, "", "not valid JSON"},
		{"list", `["a"]`, "", "must be an object"},
		{"null", `null`, "", "must be an object"},
		{"empty", `{}`, "", "empty"},
		{"bare string", `{"detail":{"state":"x"}}`, "detail.state", "must be a list"},
		{"bare null", `{"a":null}`, "a", "must be a list"},
		{"empty list", `{"detail":{"state":[]}}`, "detail.state", "empty list"},
		{"empty object", `{"detail":{}}`, "detail", "empty object"},
		{"empty operator", `{"a":["x",{}]}`, "a[1]", "empty object"},
		{"list in list", `{"a":[["x"]]}`, "a[0]", "must be a string"},
		{"duplicate", `{"detail":{"a":["x"],"a":["y"]}}`, "detail.a", "twice"},
		{"duplicate by dots", `{"d":{"a":["x"]},"d.a":["y"]}`, "d.a", "twice"},
		{"duplicate in and out of $or", `{"a":["x"],"$or":[{"a":["y"]},{"b":["z"]}]}`, "a", "twice"},
		{"unknown operator", `{"a":[{"regex":"x"}]}`, "a[0]", `unknown operator "regex"`},
		{"operator with case", `{"a":[{"EXISTS":true}]}`, "a[0]", "unknown operator"},
		{"two operators", `{"a":[{"prefix":"x","suffix":"y"}]}`, "a[0]", "more than one operator"},
		{"prefix of a number", `{"a":[{"prefix":1}]}`, "a[0].prefix", "must be a string"},
		{"prefix list", `{"a":[{"prefix":["x"]}]}`, "a[0].prefix", "must be a string"},
		{"prefix object", `{"a":[{"prefix":{"wildcard":"x"}}]}`, "a[0].prefix", "unknown operator"},
		{"prefix empty object", `{"a":[{"prefix":{}}]}`, "a[0].prefix", "must be a string"},
		{"prefix ignore case of a list", `{"a":[{"prefix":{"equals-ignore-case":["x"]}}]}`, "a[0].prefix.equals-ignore-case", "must be a string"},
		{"prefix with two", `{"a":[{"prefix":{"equals-ignore-case":"x","y":1}}]}`, "a[0].prefix", "more than one operator"},
		{"suffix null", `{"a":[{"suffix":null}]}`, "a[0].suffix", "must be a string"},
		{"ignore case list", `{"a":[{"equals-ignore-case":["x"]}]}`, "a[0].equals-ignore-case", "must be a string"},
		{"ignore case prefix", `{"a":[{"equals-ignore-case":{"prefix":"x"}}]}`, "a[0].equals-ignore-case", "must be a string"},
		{"exists string", `{"a":[{"exists":"true"}]}`, "a[0].exists", "true or false"},
		{"exactly number", `{"a":[{"exactly":1}]}`, "a[0].exactly", "must be a string"},
		{"wildcard number", `{"a":[{"wildcard":1}]}`, "a[0].wildcard", "must be a string"},
		{"wildcard **", `{"a":[{"wildcard":"x:**"}]}`, "a[0].wildcard", "consecutive *"},
		{"wildcard escape", `{"a":[{"wildcard":"x\\y"}]}`, "a[0].wildcard", "escapes neither"},
		{"wildcard escape at the end", `{"a":[{"wildcard":"x\\"}]}`, "a[0].wildcard", "escapes neither"},
		{"wildcard too complex", `{"detail":{"a":[{"wildcard":"*:*:*:*:*:rule/*"}]}}`, "detail.a", "too complex"},
		{"wildcards that add up", `{"a":["x",{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"},{"wildcard":"*/api/*"},{"wildcard":"*/cmd/*"}]}`, "a", "adds up"},
		{"numeric number", `{"a":[{"numeric":5}]}`, "a[0].numeric", "must be a list"},
		{"numeric empty", `{"a":[{"numeric":[]}]}`, "a[0].numeric", "empty list"},
		{"numeric without operator", `{"a":[{"numeric":[5]}]}`, "a[0].numeric", "operator before"},
		{"numeric bad operator", `{"a":[{"numeric":["!=",5]}]}`, "a[0].numeric", "operator before"},
		{"numeric odd operator", `{"a":[{"numeric":["<>",5]}]}`, "a[0].numeric", "unknown numeric operator"},
		{"numeric without number", `{"a":[{"numeric":[">",0,"<"]}]}`, "a[0].numeric", "needs a number"},
		{"numeric string", `{"a":[{"numeric":[">","0"]}]}`, "a[0].numeric", "needs a number"},
		{"numeric two lower", `{"a":[{"numeric":[">",0,">",0]}]}`, "a[0].numeric", "a range ends with"},
		{"numeric upside down", `{"a":[{"numeric":["<",5,">",0]}]}`, "a[0].numeric", "a range begins with"},
		{"numeric empty range", `{"a":[{"numeric":[">=",5,"<=",5]}]}`, "a[0].numeric", "not less than"},
		{"numeric three", `{"a":[{"numeric":[">",0,"<",5,"<",9]}]}`, "a[0].numeric", "more than two"},
		{"numeric too large", `{"a":[{"numeric":["<",1e309]}]}`, "a[0].numeric", "larger exponent"},
		{"numeric too fine", `{"a":[{"numeric":["<",0.1000000000000000001]}]}`, "a[0].numeric", "more digits"},
		{"cidr list", `{"a":[{"cidr":["10.0.0.0/8"]}]}`, "a[0].cidr", "must be a string"},
		{"cidr without bits", `{"a":[{"cidr":"10.0.0.0"}]}`, "a[0].cidr", "a slash"},
		{"cidr bad bits", `{"a":[{"cidr":"10.0.0.0/x"}]}`, "a[0].cidr", "number of bits"},
		{"cidr one address", `{"a":[{"cidr":"10.0.0.0/32"}]}`, "a[0].cidr", "0 to 31"},
		{"cidr one IPv6 address", `{"a":[{"cidr":"::1/128"}]}`, "a[0].cidr", "0 to 127"},
		{"cidr bad address", `{"a":[{"cidr":"xx.11.xx/8"}]}`, "a[0].cidr", "not an IP address"},
		{"cidr zone", `{"a":[{"cidr":"fe80::1%eth0/64"}]}`, "a[0].cidr", "not an IP address"},
		{"anything-but null", `{"a":[{"anything-but":null}]}`, "a[0].anything-but", "string or a number"},
		{"anything-but boolean", `{"a":[{"anything-but":[true]}]}`, "a[0].anything-but[0]", "string or a number"},
		{"anything-but empty list", `{"a":[{"anything-but":[]}]}`, "a[0].anything-but", "empty list"},
		{"anything-but mixed", `{"a":[{"anything-but":["x",1]}]}`, "a[0].anything-but[1]", "mixed"},
		{"anything-but large number", `{"a":[{"anything-but":12345678901234567890}]}`, "a[0].anything-but", "more digits"},
		{"anything-but operator list", `{"a":[{"anything-but":[{"prefix":"x"}]}]}`, "a[0].anything-but[0]", "string or a number"},
		{"anything-but exists", `{"a":[{"anything-but":{"exists":true}}]}`, "a[0].anything-but", `unknown operator "exists"`},
		{"anything-but empty object", `{"a":[{"anything-but":{}}]}`, "a[0].anything-but", "empty object"},
		{"anything-but empty prefix", `{"a":[{"anything-but":{"prefix":""}}]}`, "a[0].anything-but.prefix", "must not be empty"},
		{"anything-but prefix number", `{"a":[{"anything-but":{"prefix":1}}]}`, "a[0].anything-but.prefix", "must be a string"},
		{"anything-but prefix ignore case", `{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}`, "a[0].anything-but.prefix", "string or a number"},
		{"anything-but prefix empty list", `{"a":[{"anything-but":{"prefix":[]}}]}`, "a[0].anything-but.prefix", "empty list"},
		{"anything-but wildcard", `{"a":[{"anything-but":{"wildcard":["a","b**"]}}]}`, "a[0].anything-but.wildcard[1]", "consecutive *"},
		{"anything-but two", `{"a":[{"anything-but":{"prefix":"x","suffix":"y"}}]}`, "a[0].anything-but.prefix", "more than one operator"},
		{"$or with one", `{"d":{"$or":[{"a":["x"]}]}}`, "d.$or", "at least two"},
		{"$or empty", `{"$or":[]}`, "$or", "at least two"},
		{"$or with a bad field", `{"$or":[{"a":["x"]},{"b":"y"}]}`, "$or[1].b", "must be a list"},
		{"$or with an empty object", `{"$or":[{"a":["x"]},{}]}`, "$or[1]", "empty object"},
		{"$or reserved", `{"$or":[{"a":["x"]},{"b":{"numeric":["y"]}}]}`, "$or[1].b.numeric", "reserved"},
		{"$or and values", `{"$or":[{"a":["x"]},"y"]}`, "$or[1]", "object with fields"},
		{"$or combinations", `{"$or":` + wide(32) + `,"d":{"$or":` + wide(32) + `}}`, "", "1000 combinations"},
		{"long", `{"a":["` + strings.Repeat("é", 2050) + `"]}`, "", "2060 characters long, the limit is 2048"},
		{"huge", `{"a":["` + strings.Repeat("x", 1<<16) + `"]}`, "", "bytes of JSON"},
		{"deep", strings.Repeat(`{"a":`, 3000) + `1` + strings.Repeat(`}`, 3000), "", "nested more than 128 deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := pattern.Parse([]byte(tt.pattern))
			var patternErr *pattern.Error
			if !errors.As(err, &patternErr) {
				t.Fatalf("got %v, want a *Error", err)
			}
			if patternErr.Path != tt.path || !strings.Contains(patternErr.Err.Error(), tt.want) {
				t.Errorf("got %q at %q, want %q at %q", patternErr.Err, patternErr.Path, tt.want, tt.path)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	_, err := pattern.Parse([]byte(`{"detail":{"state":"FAILED"}}`))
	want := "pattern: detail.state: must be a list of values or an object, also for a single value"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var syntaxErr *events.DecodeError
	if _, err := pattern.Parse([]byte(`{]`)); !errors.As(err, &syntaxErr) {
		t.Errorf("got %v, want a *events.DecodeError in it", err)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, pattern, want string }{
		{
			"order of fields",
			`{"$or":[{"z":[1],"a":[1]},{"b":[1]}],"id":["i"],"detail":{"source":["s"],"b":["x"],"a":["y"]},"region":["r"],"detail-type":["t"],"source":["s"]}`,
			`{"source":["s"],"detail-type":["t"],"region":["r"],"detail":{"a":["y"],"b":["x"],"source":["s"]},"id":["i"],"$or":[{"a":[1],"z":[1]},{"b":[1]}]}`,
		},
		{
			"operators",
			` { "a" : [ "x", 300.0, true, null, { "prefix" : "p" }, {"prefix":{"equals-ignore-case":"p"}}, {"suffix":"s"}, {"equals-ignore-case":"e"}, {"wildcard":"w*\\*"}, {"exists":false}, {"cidr":"10.0.0.1/8"}, {"numeric":[">",1e0,"<=",5]}, {"exactly":"q"}]}`,
			`{"a":["x",300.0,true,null,{"prefix":"p"},{"prefix":{"equals-ignore-case":"p"}},{"suffix":"s"},{"equals-ignore-case":"e"},{"wildcard":"w*\\*"},{"exists":false},{"cidr":"10.0.0.1/8"},{"numeric":[">",1e0,"<=",5]},"q"]}`,
		},
		{
			"anything-but",
			`{"a":[{"anything-but":["x"]},{"anything-but":[1,2]},{"anything-but":{"suffix":["x","y"]}},{"anything-but":{"equals-ignore-case":"x"}}]}`,
			`{"a":[{"anything-but":"x"},{"anything-but":[1,2]},{"anything-but":{"suffix":["x","y"]}},{"anything-but":{"equals-ignore-case":"x"}}]}`,
		},
		{"escapes", `{"a\u0022":["<&>\n\u00e9"]}`, `{"a\"":["<&>\né"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.Parse([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.String()); diff != "" {
				t.Errorf("String mismatch (-want +got):\n%s", diff)
			}
			data, err := json.Marshal(map[string]pattern.Pattern{"EventPattern": p})
			if err != nil {
				t.Fatal(err)
			}
			var back map[string]pattern.Pattern
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, back["EventPattern"]); diff != "" {
				t.Errorf("round trip mismatch (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := json.Marshal(pattern.Pattern{}); err == nil {
		t.Error("the zero Pattern marshals without an error")
	}
	var p pattern.Pattern
	if err := json.Unmarshal([]byte(`{"a":"x"}`), &p); err == nil {
		t.Error("an invalid pattern unmarshals without an error")
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	type state string
	e := pattern.Fields{"k": pattern.Exists(true)}
	tests := []struct {
		name   string
		source pattern.Source
		want   string
	}{
		{"values", pattern.Fields{"a": pattern.AnyOf(pattern.Equals(state("x"), "y"), pattern.Equals(1, -2), pattern.Equals(1.5, 1e21), pattern.Equals(true), pattern.Null())}, `{"a":["x","y",1,-2,1.5,1e+21,true,null]}`},
		{"strings", pattern.Fields{"a": pattern.AnyOf(pattern.Prefix("p", "q"), pattern.PrefixIgnoreCase("r"), pattern.Suffix("s"), pattern.SuffixIgnoreCase("t"), pattern.EqualsIgnoreCase("u"), pattern.Wildcard("*"), pattern.CIDR("10.0.0.0/8"))},
			`{"a":[{"prefix":"p"},{"prefix":"q"},{"prefix":{"equals-ignore-case":"r"}},{"suffix":"s"},{"suffix":{"equals-ignore-case":"t"}},{"equals-ignore-case":"u"},{"wildcard":"*"},{"cidr":"10.0.0.0/8"}]}`},
		{"numbers", pattern.Fields{"a": pattern.AnyOf(pattern.Numeric("=", 5), pattern.NumericRange(">", 0, "<=", 0.5))}, `{"a":[{"numeric":["=",5]},{"numeric":[">",0,"<=",0.5]}]}`},
		{"exists", pattern.Fields{"a": pattern.Exists(false)}, `{"a":[{"exists":false}]}`},
		{"anything but", pattern.Fields{
			"a": pattern.AnythingBut(pattern.Equals("x")), "b": pattern.AnythingBut(pattern.Equals(1, 2)), "c": pattern.AnythingBut(pattern.AnyOf(pattern.Equals(1), pattern.Equals(1.5))),
			"d": pattern.AnythingBut(pattern.Prefix("x")), "e": pattern.AnythingBut(pattern.Wildcard("*x*", "*y*")), "f": pattern.AnythingBut(pattern.EqualsIgnoreCase("x")), "g": pattern.AnythingBut(pattern.Suffix("x")),
		}, `{"a":[{"anything-but":"x"}],"b":[{"anything-but":[1,2]}],"c":[{"anything-but":[1,1.5]}],"d":[{"anything-but":{"prefix":"x"}}],"e":[{"anything-but":{"wildcard":["*x*","*y*"]}}],"f":[{"anything-but":{"equals-ignore-case":"x"}}],"g":[{"anything-but":{"suffix":"x"}}]}`},
		{"nested", pattern.Fields{"source": pattern.Equals("s"), "detail": pattern.Fields{"a": pattern.Fields{"b": pattern.Equals("x")}}}, `{"source":["s"],"detail":{"a":{"b":["x"]}}}`},
		{"or", pattern.Fields{"detail": pattern.Fields{"$or": pattern.Or(e, pattern.Fields{"a": pattern.Equals("x")})}}, `{"detail":{"$or":[{"k":[{"exists":true}]},{"a":["x"]}]}}`},
		{"filters in or", pattern.Fields{"$or": pattern.Or(pattern.PipelineFilter{}, pattern.BuildFilter{Project: pattern.Equals("p")})},
			`{"$or":[{"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"]},{"source":["aws.codebuild"],"detail-type":["CodeBuild Build State Change"],"detail":{"project-name":["p"]}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.New(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.String()); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	ok := pattern.Fields{"a": pattern.Equals("x")}
	loop := pattern.Fields{}
	loop["a"] = loop
	tests := []struct {
		name       string
		source     pattern.Source
		path, want string
	}{
		{"nil", nil, "", "empty"},
		{"empty", pattern.Fields{}, "", "empty"},
		{"nil condition", pattern.Fields{"d": pattern.Fields{"a": nil}}, "d.a", "no condition"},
		{"zero matcher", pattern.Fields{"a": pattern.Matcher{}}, "a", "empty list"},
		{"no values", pattern.Fields{"a": pattern.Prefix()}, "a", "no value"},
		{"no values of a filter", pattern.PipelineFilter{State: pattern.Equals[string]()}, "detail.state", "no value"},
		{"not UTF-8", pattern.Fields{"a": pattern.Equals("\xff")}, "a", "UTF-8"},
		{"name not UTF-8", pattern.Fields{"\xff": pattern.Equals("x")}, "\xff", "UTF-8"},
		{"NaN", pattern.Fields{"a": pattern.Equals(math.NaN())}, "a", "not a number"},
		{"infinite bound", pattern.Fields{"a": pattern.Numeric("<", math.Inf(1))}, "a", "not a number"},
		{"operator", pattern.Fields{"a": pattern.Numeric("!=", 1)}, "a[0].numeric", "operator"},
		{"operator not UTF-8", pattern.Fields{"a": pattern.Numeric("\xff", 1)}, "a", "operator"},
		{"range", pattern.Fields{"a": pattern.NumericRange(">", 2, "<", 1)}, "a[0].numeric", "not less than"},
		{"anything but nothing", pattern.Fields{"a": pattern.AnythingBut(pattern.Matcher{})}, "a", "no value"},
		{"anything but null", pattern.Fields{"a": pattern.AnythingBut(pattern.Null())}, "a[0].anything-but", "string or a number"},
		{"anything but a mix", pattern.Fields{"a": pattern.AnythingBut(pattern.AnyOf(pattern.Equals("x"), pattern.Equals(1)))}, "a", "mix"},
		{"anything but a mix of operators", pattern.Fields{"a": pattern.AnythingBut(pattern.AnyOf(pattern.Equals("x"), pattern.Prefix("y")))}, "a", "mix"},
		{"anything but exists", pattern.Fields{"a": pattern.AnythingBut(pattern.Exists(true))}, "a", "mix"},
		{"anything but numeric and value", pattern.Fields{"a": pattern.AnythingBut(pattern.AnyOf(pattern.Numeric("=", 1), pattern.Equals(1)))}, "a", "mix"},
		{"anything but twice", pattern.Fields{"a": pattern.AnythingBut(pattern.AnythingBut(pattern.Equals("x")))}, "a", "does not apply"},
		{"anything but prefix ignore case", pattern.Fields{"a": pattern.AnythingBut(pattern.PrefixIgnoreCase("x"))}, "a", "does not apply"},
		{"anything but cidr", pattern.Fields{"a": pattern.AnythingBut(pattern.CIDR("10.0.0.0/8"))}, "a[0].anything-but", "unknown operator"},
		{"error kept", pattern.Fields{"a": pattern.AnyOf(pattern.Equals("x"), pattern.AnythingBut(pattern.Suffix()))}, "a", "no value"},
		{"or under another name", pattern.Fields{"or": pattern.Or(ok, ok)}, "or", `under the name "$or"`},
		{"or with one", pattern.Fields{"$or": pattern.Or(ok)}, "$or", "at least two"},
		{"or with nil", pattern.Fields{"$or": pattern.Or(ok, nil)}, "$or[1]", "no fields"},
		{"or with a bad field", pattern.Fields{"$or": pattern.Or(ok, pattern.Fields{"b": nil})}, "$or[1].b", "no condition"},
		{"loop", loop, "", "levels deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := pattern.New(tt.source)
			var patternErr *pattern.Error
			if !errors.As(err, &patternErr) {
				t.Fatalf("got %v, want a *Error", err)
			}
			if patternErr.Path != tt.path || !strings.Contains(patternErr.Err.Error(), tt.want) {
				t.Errorf("got %q at %q, want %q at %q", patternErr.Err, patternErr.Path, tt.want, tt.path)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("Must did not panic")
		}
	}()
	pattern.Must(pattern.Fields{})
}

func TestMaxLength(t *testing.T) {
	t.Parallel()
	fields := pattern.Fields{"a": pattern.Equals(strings.Repeat("x", 3000))}
	if _, err := pattern.New(fields); err == nil {
		t.Error("a long pattern is accepted")
	}
	raised := func(o *pattern.Options) { o.MaxLength = 4096 }
	p, err := pattern.New(fields, raised)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.With(pattern.Fields{"b": pattern.Equals(strings.Repeat("x", 1000))}); err != nil {
		t.Errorf("With does not keep the limit: %v", err)
	}
	if _, err := p.With(pattern.Fields{"b": pattern.Equals(strings.Repeat("x", 2000))}); err == nil {
		t.Error("With accepts more than the limit")
	}
	if _, err := pattern.New(fields, func(o *pattern.Options) { o.MaxLength = -1 }); err == nil {
		t.Error("a negative limit is accepted")
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	p := pattern.Must(pattern.PipelineFilter{State: pattern.Equals("FAILED")})
	q, err := p.With(pattern.Fields{
		"account": pattern.Equals("111122223333"),
		"detail":  pattern.Fields{"pipeline": pattern.Prefix("prod-")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"],"account":["111122223333"],"detail":{"pipeline":[{"prefix":"prod-"}],"state":["FAILED"]}}`
	if q.String() != want {
		t.Errorf("got %s, want %s", q, want)
	}
	if p.Equal(q) || !p.Equal(pattern.Must(pattern.PipelineFilter{State: pattern.Equals("FAILED")})) {
		t.Error("With changed its receiver, or Equal is wrong")
	}
	bad := []pattern.Source{
		nil,
		pattern.Fields{},
		pattern.Fields{"a": nil},
		pattern.Fields{"detail": pattern.Fields{"state": pattern.Equals("x")}},
		pattern.Fields{"detail": pattern.Equals("x")},
	}
	for _, source := range bad {
		if _, err := p.With(source); err == nil {
			t.Errorf("With(%v) is accepted", source)
		}
	}
	if _, err := (pattern.Pattern{}).With(pattern.Fields{"a": pattern.Equals("x")}); err == nil {
		t.Error("the zero Pattern is extended without an error")
	}
}

// TestPatternFilters matches the filters against payloads that AWS sends.
func TestFilters(t *testing.T) {
	t.Parallel()
	fixtures := filepath.Join("..", "..", "shared", "fixtures")
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no fixtures beside the repository")
	}
	tests := []struct {
		name   string
		source pattern.Source
		glob   string
		want   []string // of the files that glob names, without .json
	}{
		{"references", pattern.ReferenceFilter{}, "codecommit/reference*.json", []string{
			"referenceCreated", "referenceCreated-cwe-guide", "referenceDeleted", "referenceDeleted-cwe-guide",
			"referenceUpdated", "referenceUpdated-cwe-guide", "referenceUpdated-push",
		}},
		{"no unreferenced commits", pattern.ReferenceFilter{}, "codecommit/unreferenced*.json", nil},
		{"deleted branches", pattern.ReferenceFilter{
			Repository: pattern.Equals("MyDemoRepo", "myRepository"), Type: pattern.Equals("branch"), Event: pattern.Equals("referenceDeleted"),
		}, "codecommit/reference*.json", []string{"referenceDeleted"}},
		{"branches by prefix", pattern.ReferenceFilter{Name: pattern.Prefix("nothing/")}, "codecommit/reference*.json", nil},
		{"merges", pattern.PullRequestFilter{Event: pattern.Equals("pullRequestMergeStatusUpdated")}, "codecommit/pullRequest*.json", []string{
			"pullRequestMergeStatusUpdated", "pullRequestMergeStatusUpdated-2019-guide", "pullRequestMergeStatusUpdated-cwe-guide",
		}},
		{"closed to main", pattern.PullRequestFilter{
			Repository: pattern.Equals("MyDemoRepo"), Status: pattern.Equals("Closed"), Destination: pattern.Equals("refs/heads/main"), Event: pattern.Equals("pullRequestStatusChanged"),
		}, "codecommit/pullRequest*.json", []string{"pullRequestStatusChanged"}},
		{"pipelines", pattern.PipelineFilter{State: pattern.Equals("STOPPING")}, "codepipeline/*.json", []string{"pipeline-stopping"}},
		{"stages", pattern.StageFilter{State: pattern.Equals("RESUMED", "STOPPED")}, "codepipeline/*.json", []string{"stage-resumed-v2", "stage-stopped"}},
		{"actions", pattern.ActionFilter{State: pattern.Equals("ABANDONED"), Owner: pattern.Equals("AWS")}, "codepipeline/*.json", []string{"action-abandoned"}},
		{"failed deployments", pattern.ActionFilter{Category: pattern.Equals("Deploy"), State: pattern.Equals("FAILED"), Stage: pattern.AnythingBut(pattern.Equals("Prod"))}, "codepipeline/action-failed*.json", []string{"action-failed", "action-failed-v2"}},
		{"builds", pattern.BuildFilter{Status: pattern.AnythingBut(pattern.Equals("SUCCEEDED", "IN_PROGRESS"))}, "codebuild/*.json", []string{"build-state-failed-no-additional-information"}},
		{"builds of a project", pattern.BuildFilter{Project: pattern.Equals("my-sample-project"), Status: pattern.Equals("SUCCEEDED")}, "codebuild/build-state-succeeded.json", []string{"build-state-succeeded"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.New(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(fixtures, tt.glob))
			if err != nil || len(files) == 0 {
				t.Fatalf("no files: %v", err)
			}
			var got []string
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if data[0] != '{' {
					continue
				}
				ok, err := p.Match(data)
				if err != nil {
					t.Errorf("%s: %v", file, err)
				}
				if ok {
					got = append(got, strings.TrimSuffix(filepath.Base(file), ".json"))
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("matched files mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
