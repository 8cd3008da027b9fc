package pattern

import (
	"slices"
	"strings"
)

// tree is one combination of a pattern's $or alternatives, as a tree of
// field names. It is matched against an event from the top down; under a list
// of the event, one element must satisfy all that the tree asks below it.
type pathTree struct {
	name   string
	steps  []string    // the path of the node
	rules  []valueRule // nil: nothing is asked of this value itself
	absent bool        // a rule is exists: false
	kids   []*pathTree
	leaves []*pathTree // the nodes with rules below this one, by path
	gap    bool        // one of leaves has absent
}

// compile returns a tree for each combination of the $or alternatives.
func compile(root *fieldTree) ([]*pathTree, error) {
	if n := root.combinations(); n > maxCombinations {
		return nil, errorf("", "more than %d combinations of $or alternatives", maxCombinations)
	}
	var trees []*pathTree
	for _, leaves := range root.expand(nil) {
		slices.SortFunc(leaves, func(a, b *pathTree) int { return strings.Compare(a.name, b.name) })
		tree := &pathTree{}
		for i, leaf := range leaves {
			if i > 0 && leaf.name == leaves[i-1].name {
				return nil, errorf(leaf.name, "given twice, inside and outside of $or or with and without dots: EventBridge would keep one and drop the other")
			}
			tree.add(leaf)
		}
		trees = append(trees, tree)
	}
	return trees, nil
}

// combinations returns the product of the lengths of all $or lists, which is
// what EventBridge counts, or any number above its limit.
func (n *fieldTree) combinations() int {
	product := 1
	for _, f := range n.fields {
		switch {
		case f.object != nil:
			product *= f.object.combinations()
		case f.or != nil:
			product *= len(f.or)
			for _, alternative := range f.or {
				if product *= alternative.combinations(); product > maxCombinations {
					return product
				}
			}
		}
		if product > maxCombinations {
			return product
		}
	}
	return product
}

// expand returns the leaves of each combination. Their name is their path.
func (n *fieldTree) expand(path []string) [][]*pathTree {
	combinations := [][]*pathTree{nil}
	for _, f := range n.fields {
		var alternatives [][]*pathTree
		steps := slices.Concat(path, strings.Split(f.name, ".")) // EventBridge joins names with dots
		switch {
		case f.object != nil:
			alternatives = f.object.expand(steps)
		case f.or != nil:
			for _, alternative := range f.or {
				alternatives = append(alternatives, alternative.expand(path)...)
			}
		default:
			absent := slices.ContainsFunc(f.rules, func(r valueRule) bool { return r.op == opExists && !r.exists })
			leaf := &pathTree{name: strings.Join(steps, "."), steps: steps, rules: f.rules, absent: absent}
			alternatives = [][]*pathTree{{leaf}}
		}
		if len(alternatives) == 1 {
			for i := range combinations {
				combinations[i] = append(combinations[i], alternatives[0]...)
			}
			continue
		}
		product := make([][]*pathTree, 0, len(combinations)*len(alternatives))
		for _, head := range combinations {
			for _, tail := range alternatives {
				product = append(product, slices.Concat(head, tail))
			}
		}
		combinations = product
	}
	return combinations
}

// add puts a leaf into the tree. Leaves come in the order of their paths.
func (t *pathTree) add(leaf *pathTree) {
	for i, name := range leaf.steps {
		t.leaves = append(t.leaves, leaf)
		t.gap = t.gap || leaf.absent
		k := slices.IndexFunc(t.kids, func(kid *pathTree) bool { return kid.name == name })
		if k < 0 {
			k = len(t.kids)
			t.kids = append(t.kids, &pathTree{name: name, steps: leaf.steps[:i+1]})
		}
		t = t.kids[k]
	}
	t.rules, t.absent = leaf.rules, leaf.absent
}
