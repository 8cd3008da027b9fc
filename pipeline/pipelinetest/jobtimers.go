package pipelinetest

import (
	"container/heap"
	"time"
)

// timerKind is what happens to a job at a time.
type timerKind int

const (
	release timerKind = iota // a continuation is offered, or its function invoked
	reoffer                  // a job that was not acknowledged is offered again
	timeout                  // the action, or the reply of its function, takes too long
)

type timer struct {
	at     time.Time
	kind   timerKind
	job    *job
	offer  int // of reoffer: the offer that nobody acknowledged
	number int // of equal times the first comes first
}

// timers are what is to happen, ordered by time. Those that have become
// pointless stay until their time has come.
type timers struct {
	heap  timerHeap
	added int
}

func (t *timers) add(new timer) {
	t.added++
	new.number = t.added
	heap.Push(&t.heap, new)
}

// next takes out the first timer, if it is due.
func (t *timers) next(now time.Time) (due timer, ok bool) {
	if len(t.heap) == 0 || t.heap[0].at.After(now) {
		return timer{}, false
	}
	return heap.Pop(&t.heap).(timer), true
}

type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].number < h[j].number
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)   { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = timer{}
	*h = old[:len(old)-1]
	return last
}
