package definition

import "strings"

// nearest returns the candidate that differs from the name in the case alone, or else
// the one that differs least, "" if none is near.
func nearest(name string, candidates []string) string {
	for _, candidate := range candidates {
		if strings.EqualFold(name, candidate) {
			return candidate
		}
	}
	best, least := "", min(len(name), len(name)/3+2)
	for _, candidate := range candidates {
		if len(candidate) > 200 || len(name) > 200 {
			continue
		}
		if d := distance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance returns the number of bytes to insert, delete or replace that turn a
// into b.
func distance(a, b string) int {
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
