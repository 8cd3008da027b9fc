package definition

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// plainDistance is the distance by the whole table.
func plainDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func TestDistance(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		b := make([]byte, random.IntN(14))
		for i := range b {
			b[i] = byte('a' + random.IntN(3))
		}
		return string(b)
	}
	for range 20_000 {
		a, b, limit := text(), text(), random.IntN(9)
		got, want := distance(a, b, limit), plainDistance(a, b)
		if want <= limit && got != want || want > limit && got <= limit {
			t.Fatalf("from %q to %q within %d: %d, want %d", a, b, limit, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		candidates []string
		want       string
	}{
		{"Sorce", []string{"Binary", "Source", "Sources"}, "Source"},
		{"source", []string{"Sourcf", "sourcf", "Source"}, "Source"}, // the case alone
		{"Pages", []string{"Wages", "Sages", "Rages"}, "Rages"},      // all as near
		{"Pages", []string{"Binary"}, ""},
		{"P", []string{"Q", "PQ"}, ""},
		{"", []string{"", "P"}, ""},
		{"P", nil, ""},
	} {
		if got := nearest(tt.name, slices.Values(tt.candidates)); got != tt.want {
			t.Errorf("%q of %q: %q, want %q", tt.name, tt.candidates, got, tt.want)
		}
	}
}
