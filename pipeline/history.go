package pipeline

import (
	"slices"
	"time"
)

// history collects the runs of actions or rules from the pages of a list that begins
// with the newest.
type history[T any] struct {
	runs []T
	at   map[string]int // where a run is, by its ID
	of   func(*T) (id string, started, updated time.Time)
}

func newHistory[T any](of func(*T) (id string, started, updated time.Time)) *history[T] {
	return &history[T]{at: make(map[string]int), of: of}
}

// add adds a run. One that starts between two calls moves the others on to the next
// page: of two with the same ID the newer stays.
func (h *history[T]) add(run T) {
	id, _, updated := h.of(&run)
	if i, ok := h.at[id]; ok && id != "" {
		if _, _, before := h.of(&h.runs[i]); updated.After(before) {
			h.runs[i] = run
		}
		return
	}
	h.at[id] = len(h.runs)
	h.runs = append(h.runs, run)
}

// inOrder returns the runs in the order of their start.
func (h *history[T]) inOrder() []T {
	slices.Reverse(h.runs)
	slices.SortStableFunc(h.runs, func(a, b T) int {
		_, first, _ := h.of(&a)
		_, second, _ := h.of(&b)
		return first.Compare(second)
	})
	return h.runs
}
