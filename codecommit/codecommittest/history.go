package codecommittest

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The marks of commits in the search for a merge base.
const (
	ofFirst  = 1 << iota // the first commit or an ancestor of it
	ofSecond             // likewise of the second commit
	ofBoth               // is a common ancestor
	stale                // is an ancestor of a common ancestor
)

// mergeBase returns the best common ancestor of two commits, "" if there is none.
// Of several the one that was committed last counts.
func (r *repository) mergeBase(ctx context.Context, first, second string) (string, error) {
	bases, err := r.commonAncestors(ctx, first, second)
	if err != nil || len(bases) < 2 {
		return strings.Join(bases, ""), err
	}
	for _, id := range bases {
		best := true
		for _, other := range bases {
			if other != id && best {
				ancestor, err := r.isAncestor(ctx, id, other)
				if err != nil {
					return "", err
				}
				best = !ancestor
			}
		}
		if best {
			return id, nil
		}
	}
	return bases[0], nil
}

// isAncestor reports whether the first commit is the second or an ancestor of it.
func (r *repository) isAncestor(ctx context.Context, first, second string) (bool, error) {
	if first == second {
		return true, nil
	}
	bases, err := r.commonAncestors(ctx, first, second)
	return slices.Contains(bases, first), err
}

// commonAncestors returns the best common ancestors of two commits, the newest
// first. Where the times of commits mislead, ancestors of others may be among them.
func (r *repository) commonAncestors(ctx context.Context, first, second string) ([]string, error) {
	marks := map[string]int{first: ofFirst}
	marks[second] |= ofSecond
	var queue commitQueue
	push := func(id string) error {
		c, err := r.commit(ctx, id)
		if errors.Is(err, errMissing) {
			return fmt.Errorf("the repository is incomplete: it lacks the commit %s", id)
		} else if err != nil {
			return err
		}
		heap.Push(&queue, queuedCommit{id, c.Committer.Seconds, c.Parents})
		return nil
	}
	for id := range marks {
		if err := push(id); err != nil {
			return nil, err
		}
	}
	var common []string
	for queue.interesting(marks) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := heap.Pop(&queue).(queuedCommit)
		mark := marks[c.id] &^ ofBoth
		if mark == ofFirst|ofSecond {
			if marks[c.id]&ofBoth == 0 {
				marks[c.id] |= ofBoth
				common = append(common, c.id)
			}
			mark |= stale
		}
		for _, parent := range c.parents {
			if marks[parent]&mark == mark {
				continue
			}
			marks[parent] |= mark
			if err := push(parent); err != nil {
				return nil, err
			}
		}
	}
	return slices.DeleteFunc(common, func(id string) bool { return marks[id]&stale != 0 }), nil
}

// commitQueue is a heap of commits, the newest first.
type commitQueue []queuedCommit

type queuedCommit struct {
	id      string
	time    int64
	parents []string
}

// interesting reports whether a commit of the queue may lead to a better ancestor.
func (q commitQueue) interesting(marks map[string]int) bool {
	for _, c := range q {
		if marks[c.id]&stale == 0 {
			return true
		}
	}
	return false
}

func (q commitQueue) Len() int           { return len(q) }
func (q commitQueue) Less(i, j int) bool { return q[i].time > q[j].time }
func (q commitQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *commitQueue) Push(x any)        { *q = append(*q, x.(queuedCommit)) }
func (q *commitQueue) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}
