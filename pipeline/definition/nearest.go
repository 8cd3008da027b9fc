package definition

import (
	"iter"
	"maps"
	"strings"
)

// Names that differ more than that, or are longer, are not guessed.
const (
	maxDistance = 8
	maxGuessed  = 200
)

// maxGuesses is how many names of one structure are guessed: each is compared with all
// that the structure has.
const maxGuesses = 100

// near returns the nearest of the names in the structure, "" if none is near.
func (c *checker) near(name string, names map[string]*placed) string {
	if c.guesses++; c.guesses > maxGuesses {
		return ""
	}
	return nearest(name, maps.Keys(names))
}

// nearest returns the candidate that differs from the name in the case alone, or else
// the one that differs least, "" if none is near. Of equal ones it is the first by
// name.
func nearest(name string, candidates iter.Seq[string]) string {
	best, least := "", min(len(name)-1, len(name)/3+1, maxDistance)
	for candidate := range candidates {
		d := 0
		if !strings.EqualFold(name, candidate) {
			d = distance(name, candidate, least)
		}
		if d < least || d == least && (best == "" || candidate < best) {
			best, least = candidate, d
		}
	}
	return best
}

// distance returns the number of bytes to insert, delete or replace that turn a into
// b, or more than the limit if that is more. It looks only at places of b that are
// within the limit of the place in a.
func distance(a, b string, limit int) int {
	if len(a) > maxGuessed || max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		from, to := max(0, i-limit), min(len(b), i+limit+1)
		diagonal := row[from]
		row[from] = limit + 1
		if from == 0 {
			row[from] = i + 1
		}
		least := row[from]
		for j := from; j < to; j++ {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return least
		}
	}
	return row[len(b)]
}
