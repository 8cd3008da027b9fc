package events

import (
	"fmt"
	"reflect"
	"testing"
)

// The members of an object are counted in 64 bits.
func TestPlanSize(t *testing.T) {
	t.Parallel()
	var check func(t *testing.T, p *plan, depth int)
	check = func(t *testing.T, p *plan, depth int) {
		if len(p.nodes) > 64 {
			t.Errorf("%d members", len(p.nodes))
		}
		keys := map[string]bool{}
		for _, n := range p.nodes {
			for _, k := range []string{n.key, n.alt} {
				if k != "" && keys[k] {
					t.Errorf("two fields for %s", k)
				}
				keys[k] = true
			}
			if n.kind == kindRaw && depth > 0 {
				t.Errorf("%s holds JSON below the root, where encode does not check it", n.key)
			}
			if n.sub != nil {
				check(t, n.sub, depth+1)
			}
			if n.elem != nil && n.elem.sub != nil {
				check(t, n.elem.sub, depth+1)
			}
		}
	}
	for e := range prototypes {
		t.Run(fmt.Sprintf("%T", e), func(t *testing.T) {
			t.Parallel()
			check(t, planOf(reflect.TypeOf(e).Elem()), 0)
		})
	}
}
