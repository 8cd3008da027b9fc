package pattern

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestComplexity compares with numbers that the open-source matcher of
// EventBridge (event-ruler) computed for these patterns.
func TestComplexity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pattern string
		want          int
	}{
		{"no star", `{"a":[{"wildcard":"main"}]}`, 1},
		{"star alone", `{"a":[{"wildcard":"*"}]}`, 2},
		{"prefix", `{"a":[{"wildcard":"v*"}]}`, 2},
		{"suffix", `{"a":[{"wildcard":"*.go"}]}`, 2},
		{"inside", `{"a":[{"wildcard":"*/docs/*"}]}`, 4},
		{"the same twice", `{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/docs/*"}]}`, 6},
		{"two inside", `{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"}]}`, 7},
		{"three inside", `{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"},{"wildcard":"*/api/*"}]}`, 10},
		{"four inside", `{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"},{"wildcard":"*/api/*"},{"wildcard":"*/cmd/*"}]}`, 13},
		{"four prefixes", `{"a":[{"wildcard":"docs/*"},{"wildcard":"web/*"},{"wildcard":"api/*"},{"wildcard":"cmd/*"}]}`, 4},
		{"five suffixes", `{"a":[{"wildcard":"*.go"},{"wildcard":"*.md"},{"wildcard":"*.ts"},{"wildcard":"*.py"},{"wildcard":"*.rs"}]}`, 10},
		{"six suffixes", `{"a":[{"wildcard":"*.go"},{"wildcard":"*.md"},{"wildcard":"*.ts"},{"wildcard":"*.py"},{"wildcard":"*.rs"},{"wildcard":"*.js"}]}`, 12},
		{"many stars, other text", `{"a":[{"wildcard":"*q*w*e*r*t*y*u*"}]}`, 9},
		{"many stars, the same text", `{"a":[{"wildcard":"*:*:*:*:*:rule/*"}]}`, 11},
		{"stars between two characters", `{"a":[{"wildcard":"*-*_*-*x*"}]}`, 7},
		{"repeated text", `{"a":[{"wildcard":"*oo*oo*oo*"}]}`, 10},
		{"multi-byte text", `{"a":[{"wildcard":"*\u00e9*\u00e8*\u00e9*"}]}`, 7},
		{"escapes", `{"a":[{"wildcard":"*\\**\\\\*\\**"}]}`, 6},
		{"quotes", `{"a":[{"wildcard":"*\"*\"*"}]}`, 6},
		{"two fields do not add up", `{"a":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"}],"b":[{"wildcard":"*/api/*"},{"wildcard":"*/cmd/*"}]}`, 7},
		{"exact values do not count", `{"a":["x",{"prefix":"y"},{"wildcard":"*/docs/*"}]}`, 4},
		{"anything-but", `{"a":[{"anything-but":{"wildcard":["*/docs/*"]}}]}`, 4},
		{"anything-but of three", `{"a":[{"anything-but":{"wildcard":["*/docs/*","*/web/*","*/api/*"]}}]}`, 6},
		{"anything-but of letters", `{"a":[{"anything-but":{"wildcard":["*abc","*abd"]}}]}`, 3},
		{"anything-but of signs", `{"a":[{"anything-but":{"wildcard":["*/-:","*/-_"]}}]}`, 2},
		{"both", `{"a":[{"wildcard":"*/docs/*"},{"anything-but":{"wildcard":"*/web/*"}}]}`, 7},
		{"$or of one field", `{"$or":[{"a":[{"wildcard":"*/docs/*"}]},{"a":[{"wildcard":"*/web/*"}]}]}`, 7},
		{"$or of two fields", `{"$or":[{"a":[{"wildcard":"*/docs/*"}]},{"b":[{"wildcard":"*/web/*"}]}]}`, 4},
		{"$or behind other values", `{"$or":[{"a":["x"],"b":[{"wildcard":"*/docs/*"}]},{"a":["y"],"b":[{"wildcard":"*/web/*"}]}]}`, 4},
		{"$or behind a common value", `{"$or":[{"a":["x","z"],"b":[{"wildcard":"*/docs/*"}]},{"a":["z","y"],"b":[{"wildcard":"*/web/*"}]}]}`, 7},
		{"$or beside a field before it", `{"a":[{"wildcard":"v*x"}],"$or":[{"b":["x"]},{"c":["y"]},{"d":["z"]}]}`, 4},
		{"$or beside a field behind it", `{"z":[{"wildcard":"v*x"}],"$or":[{"b":["x"]},{"c":["y"]},{"d":["z"]}]}`, 2},
		{"behind a missing field", `{"a":[{"exists":false}],"b":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"}]}`, 0},
		{"behind a field that may be missing", `{"a":[{"exists":false},"x"],"b":[{"wildcard":"*/docs/*"},{"wildcard":"*/web/*"}]}`, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, err := parse([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			branches, err := compile(root)
			if err != nil {
				t.Fatal(err)
			}
			fields, ok := fieldsOf(branches)
			got := 0
			for _, f := range fields {
				got = max(got, f.wildcards.complexity(1000))
			}
			if got != tt.want || !ok {
				t.Errorf("got %d, %t, want %d", got, ok, tt.want)
			}
			if _, err := Parse([]byte(tt.pattern)); (err == nil) != (tt.want <= 10) {
				t.Errorf("Parse gives the error %v for a complexity of %d", err, tt.want)
			}
		})
	}
}

// A pattern that is written to be hard is refused or accepted at once.
func TestComplexityOfHardPatterns(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 7))
	alternatives := strings.TrimSuffix(strings.Repeat(`{"b":[{"wildcard":"*x*"}]},{"c":[{"wildcard":"*y*"}]},`, 15), ",")
	patterns := []string{
		`{"a":[{"wildcard":"` + strings.Repeat("*a", 1000) + `"}]}`,
		`{"a":[{"wildcard":"` + strings.Repeat("a", 1000) + "*" + strings.Repeat("a", 1000) + `*"}]}`,
		`{"$or":[` + alternatives + `],"d":{"$or":[` + alternatives + `]},"a":[{"wildcard":"*m*"}]}`,
	}
	for range 100 {
		var b strings.Builder
		for b.Len() < 1900 {
			b.WriteString(`{"wildcard":"`)
			for range 1 + rnd.IntN(40) {
				b.WriteByte("aaab"[rnd.IntN(4)])
			}
			b.WriteString(`*"},`)
		}
		patterns = append(patterns, `{"a":[`+strings.TrimSuffix(b.String(), ",")+`]}`)
	}
	for _, p := range patterns {
		if _, err := Parse([]byte(p)); err != nil && !strings.Contains(err.Error(), "too complex") {
			t.Errorf("%.60s: %v", p, err)
		}
	}
}
