package eventqueue_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/eventqueue"
)

// deliver returns how 100 events arrive, with a call of Deliver after each.
func deliver(t *testing.T, d eventqueue.Delivery) []int {
	t.Helper()
	var q eventqueue.Queue
	var got []int
	q.Handle(func(payload []byte) {
		n, err := strconv.Atoi(string(payload))
		if err != nil {
			t.Error(err)
		}
		got = append(got, n)
		q.Deliver() // returns at once
	})
	q.SetDelivery(d)
	for i := range 100 {
		q.Add([]byte(strconv.Itoa(i)))
		q.Deliver()
	}
	q.Flush()
	if n := q.Len(); n != 100 || len(q.All()) != n {
		t.Errorf("%d events, %d in all", n, len(q.All()))
	}
	return got
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	want := make([]int, 100)
	for i := range want {
		want[i] = i
	}
	for _, test := range []struct {
		delivery eventqueue.Delivery
		least    int
	}{
		{eventqueue.Delivery{}, 100},
		{eventqueue.Delivery{DuplicateRate: 1}, 200},
		{eventqueue.Delivery{Reorder: 3, Seed: 1}, 100},
		{eventqueue.Delivery{DuplicateRate: 0.5, Reorder: 5, Seed: 2}, 120},
	} {
		got := deliver(t, test.delivery)
		if len(got) < test.least {
			t.Errorf("%+v: %d deliveries, want at least %d", test.delivery, len(got), test.least)
		}
		if again := deliver(t, test.delivery); !slices.Equal(got, again) {
			t.Errorf("%+v: another order in a second run", test.delivery)
		}
		for i, n := range got {
			overtaken := make(map[int]bool)
			for _, earlier := range got[:i] {
				if earlier > n {
					overtaken[earlier] = true
				}
			}
			if len(overtaken) > test.delivery.Reorder {
				t.Errorf("%+v: %d comes after %d later ones", test.delivery, n, len(overtaken))
			}
		}
		if sorted := slices.IsSorted(got); sorted != (test.delivery.Reorder == 0) {
			t.Errorf("%+v: in order: %t", test.delivery, sorted)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("%+v: distinct events (-want +got):\n%s", test.delivery, diff)
		}
	}
}

// A function that is replaced leaves its events to the next; none drops them.
func TestHandle(t *testing.T) {
	t.Parallel()
	var q eventqueue.Queue
	var got []string
	record := func(name string) func([]byte) {
		return func(payload []byte) { got = append(got, name+" "+string(payload)) }
	}
	q.Add([]byte("a")) // to nobody
	q.Handle(record("first"))
	q.SetDelivery(eventqueue.Delivery{Reorder: 1000})
	q.Add([]byte("b"))
	q.Handle(record("second"))
	q.Flush()
	q.Add([]byte("c"))
	q.Handle(nil)
	q.Handle(record("third"))
	q.SetDelivery(eventqueue.Delivery{})
	q.Add([]byte("d"))
	q.Deliver()
	if diff := cmp.Diff([]string{"second b", "third d"}, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if n := q.Len(); n != 4 {
		t.Errorf("%d events, want 4", n)
	}
}
