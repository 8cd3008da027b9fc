package events_test

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
	"github.com/google/go-cmp/cmp"
)

func TestParsePatternErrors(t *testing.T) {
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
		{"wildcard too complex", `{"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]}`, "a[0].wildcard", "too complex"},
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
		{"numeric too large", `{"a":[{"numeric":["<",5000000001]}]}`, "a[0].numeric", "beyond"},
		{"numeric too fine", `{"a":[{"numeric":["<",0.0000001]}]}`, "a[0].numeric", "decimal places"},
		{"numeric below all", `{"a":[{"numeric":["<",-5e9]}]}`, "a[0].numeric", "no range"},
		{"numeric above all", `{"a":[{"numeric":[">=",5000000000]}]}`, "a[0].numeric", "no range"},
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
		{"anything-but large number", `{"a":[{"anything-but":123456789012}]}`, "a[0].anything-but", "beyond"},
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
			_, err := events.ParsePattern([]byte(tt.pattern))
			var patternErr *events.PatternError
			if !errors.As(err, &patternErr) {
				t.Fatalf("got %v, want a *PatternError", err)
			}
			if patternErr.Path != tt.path || !strings.Contains(patternErr.Err.Error(), tt.want) {
				t.Errorf("got %q at %q, want %q at %q", patternErr.Err, patternErr.Path, tt.want, tt.path)
			}
		})
	}
}

func TestPatternErrorText(t *testing.T) {
	t.Parallel()
	_, err := events.ParsePattern([]byte(`{"detail":{"state":"FAILED"}}`))
	want := "events: event pattern: detail.state: must be a list of values or an object, also for a single value"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var syntaxErr *events.DecodeError
	if _, err := events.ParsePattern([]byte(`{]`)); !errors.As(err, &syntaxErr) {
		t.Errorf("got %v, want a *events.DecodeError in it", err)
	}
}

func TestPatternString(t *testing.T) {
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
			p, err := events.ParsePattern([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.String()); diff != "" {
				t.Errorf("String mismatch (-want +got):\n%s", diff)
			}
			data, err := json.Marshal(map[string]events.Pattern{"EventPattern": p})
			if err != nil {
				t.Fatal(err)
			}
			var back map[string]events.Pattern
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, back["EventPattern"]); diff != "" {
				t.Errorf("round trip mismatch (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := json.Marshal(events.Pattern{}); err == nil {
		t.Error("the zero Pattern marshals without an error")
	}
	var p events.Pattern
	if err := json.Unmarshal([]byte(`{"a":"x"}`), &p); err == nil {
		t.Error("an invalid pattern unmarshals without an error")
	}
}

func TestNewPattern(t *testing.T) {
	t.Parallel()
	type state string
	e := events.Fields{"k": events.Exists(true)}
	tests := []struct {
		name   string
		source events.PatternSource
		want   string
	}{
		{"values", events.Fields{"a": events.AnyOf(events.Equals(state("x"), "y"), events.Equals(1, -2), events.Equals(1.5, 1e21), events.Equals(true), events.Null())}, `{"a":["x","y",1,-2,1.5,1e+21,true,null]}`},
		{"strings", events.Fields{"a": events.AnyOf(events.Prefix("p", "q"), events.PrefixIgnoreCase("r"), events.Suffix("s"), events.SuffixIgnoreCase("t"), events.EqualsIgnoreCase("u"), events.Wildcard("*"), events.CIDR("10.0.0.0/8"))},
			`{"a":[{"prefix":"p"},{"prefix":"q"},{"prefix":{"equals-ignore-case":"r"}},{"suffix":"s"},{"suffix":{"equals-ignore-case":"t"}},{"equals-ignore-case":"u"},{"wildcard":"*"},{"cidr":"10.0.0.0/8"}]}`},
		{"numbers", events.Fields{"a": events.AnyOf(events.Numeric("=", 5), events.NumericRange(">", 0, "<=", 0.5))}, `{"a":[{"numeric":["=",5]},{"numeric":[">",0,"<=",0.5]}]}`},
		{"exists", events.Fields{"a": events.Exists(false)}, `{"a":[{"exists":false}]}`},
		{"anything but", events.Fields{
			"a": events.AnythingBut(events.Equals("x")), "b": events.AnythingBut(events.Equals(1, 2)), "c": events.AnythingBut(events.AnyOf(events.Equals(1), events.Equals(1.5))),
			"d": events.AnythingBut(events.Prefix("x")), "e": events.AnythingBut(events.Wildcard("*x*", "*y*")), "f": events.AnythingBut(events.EqualsIgnoreCase("x")), "g": events.AnythingBut(events.Suffix("x")),
		}, `{"a":[{"anything-but":"x"}],"b":[{"anything-but":[1,2]}],"c":[{"anything-but":[1,1.5]}],"d":[{"anything-but":{"prefix":"x"}}],"e":[{"anything-but":{"wildcard":["*x*","*y*"]}}],"f":[{"anything-but":{"equals-ignore-case":"x"}}],"g":[{"anything-but":{"suffix":"x"}}]}`},
		{"nested", events.Fields{"source": events.Equals("s"), "detail": events.Fields{"a": events.Fields{"b": events.Equals("x")}}}, `{"source":["s"],"detail":{"a":{"b":["x"]}}}`},
		{"or", events.Fields{"detail": events.Fields{"$or": events.Or(e, events.Fields{"a": events.Equals("x")})}}, `{"detail":{"$or":[{"k":[{"exists":true}]},{"a":["x"]}]}}`},
		{"filters in or", events.Fields{"$or": events.Or(events.PipelineFilter{}, events.BuildFilter{Project: events.Equals("p")})},
			`{"$or":[{"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"]},{"source":["aws.codebuild"],"detail-type":["CodeBuild Build State Change"],"detail":{"project-name":["p"]}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := events.NewPattern(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.String()); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewPatternErrors(t *testing.T) {
	t.Parallel()
	ok := events.Fields{"a": events.Equals("x")}
	loop := events.Fields{}
	loop["a"] = loop
	tests := []struct {
		name       string
		source     events.PatternSource
		path, want string
	}{
		{"nil", nil, "", "empty"},
		{"empty", events.Fields{}, "", "empty"},
		{"nil condition", events.Fields{"d": events.Fields{"a": nil}}, "d.a", "no condition"},
		{"zero matcher", events.Fields{"a": events.Matcher{}}, "a", "empty list"},
		{"no values", events.Fields{"a": events.Prefix()}, "a", "no value"},
		{"no values of a filter", events.PipelineFilter{State: events.Equals[string]()}, "detail.state", "no value"},
		{"not UTF-8", events.Fields{"a": events.Equals("\xff")}, "a", "UTF-8"},
		{"name not UTF-8", events.Fields{"\xff": events.Equals("x")}, "\xff", "UTF-8"},
		{"NaN", events.Fields{"a": events.Equals(math.NaN())}, "a", "not a number"},
		{"infinite bound", events.Fields{"a": events.Numeric("<", math.Inf(1))}, "a", "not a number"},
		{"operator", events.Fields{"a": events.Numeric("!=", 1)}, "a[0].numeric", "operator"},
		{"operator not UTF-8", events.Fields{"a": events.Numeric("\xff", 1)}, "a", "operator"},
		{"range", events.Fields{"a": events.NumericRange(">", 2, "<", 1)}, "a[0].numeric", "not less than"},
		{"anything but nothing", events.Fields{"a": events.AnythingBut(events.Matcher{})}, "a", "no value"},
		{"anything but null", events.Fields{"a": events.AnythingBut(events.Null())}, "a[0].anything-but", "string or a number"},
		{"anything but a mix", events.Fields{"a": events.AnythingBut(events.AnyOf(events.Equals("x"), events.Equals(1)))}, "a", "mix"},
		{"anything but a mix of operators", events.Fields{"a": events.AnythingBut(events.AnyOf(events.Equals("x"), events.Prefix("y")))}, "a", "mix"},
		{"anything but exists", events.Fields{"a": events.AnythingBut(events.Exists(true))}, "a", "mix"},
		{"anything but numeric and value", events.Fields{"a": events.AnythingBut(events.AnyOf(events.Numeric("=", 1), events.Equals(1)))}, "a", "mix"},
		{"anything but twice", events.Fields{"a": events.AnythingBut(events.AnythingBut(events.Equals("x")))}, "a", "does not apply"},
		{"anything but prefix ignore case", events.Fields{"a": events.AnythingBut(events.PrefixIgnoreCase("x"))}, "a", "does not apply"},
		{"anything but cidr", events.Fields{"a": events.AnythingBut(events.CIDR("10.0.0.0/8"))}, "a[0].anything-but", "unknown operator"},
		{"error kept", events.Fields{"a": events.AnyOf(events.Equals("x"), events.AnythingBut(events.Suffix()))}, "a", "no value"},
		{"or under another name", events.Fields{"or": events.Or(ok, ok)}, "or", `under the name "$or"`},
		{"or with one", events.Fields{"$or": events.Or(ok)}, "$or", "at least two"},
		{"or with nil", events.Fields{"$or": events.Or(ok, nil)}, "$or[1]", "no fields"},
		{"or with a bad field", events.Fields{"$or": events.Or(ok, events.Fields{"b": nil})}, "$or[1].b", "no condition"},
		{"loop", loop, "", "levels deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := events.NewPattern(tt.source)
			var patternErr *events.PatternError
			if !errors.As(err, &patternErr) {
				t.Fatalf("got %v, want a *PatternError", err)
			}
			if patternErr.Path != tt.path || !strings.Contains(patternErr.Err.Error(), tt.want) {
				t.Errorf("got %q at %q, want %q at %q", patternErr.Err, patternErr.Path, tt.want, tt.path)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("MustPattern did not panic")
		}
	}()
	events.MustPattern(events.Fields{})
}

func TestPatternMaxLength(t *testing.T) {
	t.Parallel()
	fields := events.Fields{"a": events.Equals(strings.Repeat("x", 3000))}
	if _, err := events.NewPattern(fields); err == nil {
		t.Error("a long pattern is accepted")
	}
	raised := func(o *events.PatternOptions) { o.MaxLength = 4096 }
	p, err := events.NewPattern(fields, raised)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.With(events.Fields{"b": events.Equals(strings.Repeat("x", 1000))}); err != nil {
		t.Errorf("With does not keep the limit: %v", err)
	}
	if _, err := p.With(events.Fields{"b": events.Equals(strings.Repeat("x", 2000))}); err == nil {
		t.Error("With accepts more than the limit")
	}
	if _, err := events.NewPattern(fields, func(o *events.PatternOptions) { o.MaxLength = -1 }); err == nil {
		t.Error("a negative limit is accepted")
	}
}

func TestPatternWith(t *testing.T) {
	t.Parallel()
	p := events.MustPattern(events.PipelineFilter{State: events.Equals("FAILED")})
	q, err := p.With(events.Fields{
		"account": events.Equals("111122223333"),
		"detail":  events.Fields{"pipeline": events.Prefix("prod-")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"],"account":["111122223333"],"detail":{"pipeline":[{"prefix":"prod-"}],"state":["FAILED"]}}`
	if q.String() != want {
		t.Errorf("got %s, want %s", q, want)
	}
	if p.Equal(q) || !p.Equal(events.MustPattern(events.PipelineFilter{State: events.Equals("FAILED")})) {
		t.Error("With changed its receiver, or Equal is wrong")
	}
	bad := []events.PatternSource{
		nil,
		events.Fields{},
		events.Fields{"a": nil},
		events.Fields{"detail": events.Fields{"state": events.Equals("x")}},
		events.Fields{"detail": events.Equals("x")},
	}
	for _, source := range bad {
		if _, err := p.With(source); err == nil {
			t.Errorf("With(%v) is accepted", source)
		}
	}
	if _, err := (events.Pattern{}).With(events.Fields{"a": events.Equals("x")}); err == nil {
		t.Error("the zero Pattern is extended without an error")
	}
}

// TestPatternFilters matches the filters against payloads that AWS sends.
func TestPatternFilters(t *testing.T) {
	t.Parallel()
	fixtures := filepath.Join("..", "..", "shared", "fixtures")
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no fixtures beside the repository")
	}
	tests := []struct {
		name   string
		source events.PatternSource
		glob   string
		want   []string // of the files that glob names, without .json
	}{
		{"references", events.ReferenceFilter{}, "codecommit/reference*.json", []string{
			"referenceCreated", "referenceCreated-cwe-guide", "referenceDeleted", "referenceDeleted-cwe-guide",
			"referenceUpdated", "referenceUpdated-cwe-guide", "referenceUpdated-push",
		}},
		{"no unreferenced commits", events.ReferenceFilter{}, "codecommit/unreferenced*.json", nil},
		{"deleted branches", events.ReferenceFilter{
			Repository: events.Equals("MyDemoRepo", "myRepository"), Type: events.Equals("branch"), Event: events.Equals("referenceDeleted"),
		}, "codecommit/reference*.json", []string{"referenceDeleted"}},
		{"branches by prefix", events.ReferenceFilter{Name: events.Prefix("nothing/")}, "codecommit/reference*.json", nil},
		{"merges", events.PullRequestFilter{Event: events.Equals("pullRequestMergeStatusUpdated")}, "codecommit/pullRequest*.json", []string{
			"pullRequestMergeStatusUpdated", "pullRequestMergeStatusUpdated-2019-guide", "pullRequestMergeStatusUpdated-cwe-guide",
		}},
		{"closed to main", events.PullRequestFilter{
			Repository: events.Equals("MyDemoRepo"), Status: events.Equals("Closed"), Destination: events.Equals("refs/heads/main"), Event: events.Equals("pullRequestStatusChanged"),
		}, "codecommit/pullRequest*.json", []string{"pullRequestStatusChanged"}},
		{"pipelines", events.PipelineFilter{State: events.Equals("STOPPING")}, "codepipeline/*.json", []string{"pipeline-stopping"}},
		{"stages", events.StageFilter{State: events.Equals("RESUMED", "STOPPED")}, "codepipeline/*.json", []string{"stage-resumed-v2", "stage-stopped"}},
		{"actions", events.ActionFilter{State: events.Equals("ABANDONED"), Owner: events.Equals("AWS")}, "codepipeline/*.json", []string{"action-abandoned"}},
		{"failed deployments", events.ActionFilter{Category: events.Equals("Deploy"), State: events.Equals("FAILED"), Stage: events.AnythingBut(events.Equals("Prod"))}, "codepipeline/action-failed*.json", []string{"action-failed", "action-failed-v2"}},
		{"builds", events.BuildFilter{Status: events.AnythingBut(events.Equals("SUCCEEDED", "IN_PROGRESS"))}, "codebuild/*.json", []string{"build-state-failed-no-additional-information"}},
		{"builds of a project", events.BuildFilter{Project: events.Equals("my-sample-project"), Status: events.Equals("SUCCEEDED")}, "codebuild/build-state-succeeded.json", []string{"build-state-succeeded"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := events.NewPattern(tt.source)
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
