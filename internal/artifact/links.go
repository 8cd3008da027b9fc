package artifact

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/pathname"
)

const (
	maxLinks = 40   // followed for one name, as on Linux
	maxSteps = 1024 // elements of all links that are followed for one name

	// maxAllSteps is how many elements are followed to check all links of an
	// archive.
	maxAllSteps = 20_000_000
)

var (
	errOutside      = fmt.Errorf("a link leads out of the archive: %w", fs.ErrNotExist)
	errTooManyLinks = errors.New("too many links")

	// errUnclear is of links that lead out where more links are followed than
	// here, or where names that differ in case alone are the same.
	errUnclear   = errors.New("it goes up")
	errUpTooMany = fmt.Errorf("%w, with %w", errUnclear, errTooManyLinks)
	errUpMissing = fmt.Errorf("%w from what is not there: %w", errUnclear, fs.ErrNotExist)
)

// checkTargetText refuses a target that no file system could have, and one that
// a zip archive cannot hold.
func checkTargetText(target string) error {
	switch {
	case target == "":
		return errors.New("the link has no target")
	case len(target) > maxName:
		return fmt.Errorf("the target of the link has over %d bytes", maxName)
	case strings.Contains(target, "\x00"):
		return fmt.Errorf("the target of the link, %q, has a zero byte", shortName(target))
	case !utf8.ValidString(target):
		return fmt.Errorf("the target of the link, %q, is not UTF-8", shortName(target))
	}
	return nil
}

// checkLinks checks the links of a tree whose children are sorted.
func (t *tree) checkLinks(ctx context.Context) error {
	steps := 0
	for dir := range t.folders {
		hasLinks := false
		for _, n := range dir.children {
			if !isLink(n.mode) {
				continue
			}
			hasLinks = true
			if !t.limits.InsideLinks {
				continue
			}
			if err := checkInside(n, &steps); err != nil {
				return at(n.path(), "%w", err)
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if hasLinks {
			if err := checkFolded(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFolded refuses a link that is the same as something else in its folder
// on a system that ignores the case or the spelling of names: a file below the
// one would be written through the other.
func checkFolded(dir *node) error {
	seed := maphash.MakeSeed()
	seen := make(map[uint64]*node, len(dir.children))
	for _, n := range dir.children {
		folded := pathname.Fold(n.name)
		hash := maphash.String(seed, folded)
		other := seen[hash]
		if other == nil {
			seen[hash] = n
			continue
		}
		if (isLink(n.mode) || isLink(other.mode)) && pathname.Fold(other.name) == folded {
			return at(n.path(), "its name and that of %q are the same on systems that ignore case or spelling, and one of them is a link", shortName(other.name))
		}
	}
	return nil
}

// checkInside refuses a link that leads out of the tree, by itself or through
// other links, or would if what it lacks were there.
func checkInside(link *node, steps *int) error {
	target := link.target
	if path.IsAbs(target) || hasDrive(target) || strings.Contains(target, `\`) {
		return fmt.Errorf("the link leads out of the archive, to %q (Limits.InsideLinks)", shortName(target))
	}
	_, err := link.parent.walk(strings.Split(target, "/"), true, steps)
	switch {
	case *steps > maxAllSteps:
		return errors.New("the links of the archive are too many and too long to check where they lead (Limits.InsideLinks)")
	case errors.Is(err, errOutside):
		return fmt.Errorf("the link leads out of the archive, to %q (Limits.InsideLinks)", shortName(target))
	case errors.Is(err, errUnclear):
		return fmt.Errorf("the link to %q may lead out of the archive: %w (Limits.InsideLinks)", shortName(target), err)
	}
	return nil // a link to nothing, or in circles, harms nobody
}

// walk follows the elements of a name from a folder. Where the name ends at a
// link, follow tells whether to go on to its target. It adds the number of
// elements of the links to steps.
//
// What does not exist is an error, but only after the rest of the name has been
// looked at: if that goes up, going up is the error.
func (n *node) walk(elems []string, follow bool, steps *int) (*node, error) {
	todo := slices.Clone(elems) // the next is the last
	slices.Reverse(todo)
	up := slices.Contains(elems, "..")
	broken := false // some element is not there, or no folder
	links, most := 0, *steps+maxSteps
	for len(todo) > 0 {
		elem := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		broken = broken || !n.mode.IsDir()
		switch {
		case elem == "" || elem == ".":
			continue
		case broken && elem == "..":
			return nil, errUpMissing
		case broken:
			continue
		case elem == "..":
			if n.parent == nil {
				return nil, errOutside
			}
			n = n.parent
			continue
		}
		child := n.child(elem)
		switch {
		case child == nil:
			broken = true
		case !isLink(child.mode) || len(todo) == 0 && !follow:
			n = child
		case path.IsAbs(child.target) || hasDrive(child.target):
			return nil, errOutside
		default:
			target := strings.Split(child.target, "/")
			up = up || slices.Contains(target, "..")
			links, *steps = links+1, *steps+len(target)
			switch {
			case links <= maxLinks && *steps <= most:
			case up:
				return nil, errUpTooMany
			default:
				return nil, errTooManyLinks
			}
			slices.Reverse(target)
			todo = append(todo, target...)
		}
	}
	if broken {
		return nil, fs.ErrNotExist
	}
	return n, nil
}
