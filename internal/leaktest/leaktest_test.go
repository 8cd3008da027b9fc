package leaktest

import (
	"testing"
	"time"
)

func park(c chan struct{}) {
	c <- struct{}{}
	<-c
}

func TestLeaked(t *testing.T) {
	t.Parallel()
	c := make(chan struct{})
	go park(c)
	<-c
	if leaked("leaktest.park", 50*time.Millisecond) == "" {
		t.Error("a goroutine that waits is not found")
	}
	close(c)
	if stack := leaked("leaktest.park", patience); stack != "" {
		t.Errorf("a goroutine that has ended is found:\n%s", stack)
	}
}
