package cfntest

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Called compares the calls that the functions of all tests make with the
// actions that their role allows: no call may be missing from the role, and no
// action may be there without a call. Its zero value is ready for use.
type Called struct {
	mu   sync.Mutex
	used map[string]bool // by allowed action
}

// Add fails the test for each operation that the role does not allow. An
// operation is that of an action with or without the action's service.
func (c *Called) Add(t testing.TB, allowed, operations []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == nil {
		c.used = make(map[string]bool)
	}
	for _, action := range allowed {
		if !c.used[action] {
			c.used[action] = false
		}
	}
	for _, operation := range operations {
		known := false
		for _, action := range allowed {
			// A connection may be of the service by its old name.
			if _, name, _ := strings.Cut(action, ":"); name == operation || action == operation {
				c.used[action], known = true, true
			}
		}
		if !known {
			t.Errorf("the function calls %s, which its role does not allow", operation)
		}
	}
}

// Tests returns the tests of a package for its TestMain. They fail if the role
// allows an action that none of them needed.
func (c *Called) Tests(m *testing.M) *Tests { return &Tests{c, m} }

// Tests are the tests of a package.
type Tests struct {
	called *Called
	m      *testing.M
}

// Run runs the tests and returns the status of the program.
func (t *Tests) Run() (status int) {
	c := t.called
	status = t.m.Run()
	chosen := ""
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		chosen += flag.Lookup(name).Value.String()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var unused []string
	for _, action := range slices.Sorted(maps.Keys(c.used)) {
		if !c.used[action] {
			unused = append(unused, action)
		}
	}
	if status == 0 && chosen == "" && len(unused) > 0 {
		fmt.Printf("FAIL: the role allows %q, which no test of the function needs\n", unused)
		status = 1
	}
	return status
}
