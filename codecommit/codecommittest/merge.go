package codecommittest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// mergeRules are how to deal with a file that both sides have changed.
type mergeRules struct {
	Level      *string            `json:"conflictDetailLevel"`
	Strategy   *string            `json:"conflictResolutionStrategy"`
	resolution map[string]resolve // of AUTOMERGE, by path
	write      bool               // the merged files, else only the conflicts count
}

// resolve returns the file, nil for none, that a conflict is resolved to.
type resolve func(ctx context.Context, c versions) (*gitobj.Entry, error)

// versions are those of one path; nil is none.
type versions struct{ base, source, destination *gitobj.Entry }

// validate fills in the defaults.
func (m *mergeRules) validate() error {
	level, strategy := "FILE_LEVEL", "NONE"
	for _, member := range []struct {
		given   **string
		value   *string
		allowed []string
		code    string
	}{
		{&m.Level, &level, []string{"FILE_LEVEL", "LINE_LEVEL"}, "InvalidConflictDetailLevelException"},
		{&m.Strategy, &strategy, []string{"NONE", "ACCEPT_SOURCE", "ACCEPT_DESTINATION", "AUTOMERGE"}, "InvalidConflictResolutionStrategyException"},
	} {
		if *member.given == nil {
			*member.given = member.value
		} else if !slices.Contains(member.allowed, **member.given) {
			return awsjson.Errorf(member.code, "%q is none of %s", **member.given, strings.Join(member.allowed, ", "))
		}
	}
	return nil
}

// conflict is a file that cannot be merged, as the API has it.
type conflict struct {
	Path               string          `json:"filePath"`
	Sizes              sides[int64]    `json:"fileSizes"`
	Modes              sides[string]   `json:"fileModes"`
	Types              sides[string]   `json:"objectTypes"`
	Number             int             `json:"numberOfConflicts"`
	Binary             sides[bool]     `json:"isBinaryFile"`
	ContentConflict    bool            `json:"contentConflict"`
	ModeConflict       bool            `json:"fileModeConflict"`
	ObjectTypeConflict bool            `json:"objectTypeConflict"`
	Operations         mergeOperations `json:"mergeOperations"`
}

type sides[T any] struct {
	Source      T `json:"source,omitempty"`
	Destination T `json:"destination,omitempty"`
	Base        T `json:"base,omitempty"`
}

type mergeOperations struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
}

// merged is what becomes of two commits.
type merged struct {
	base      string
	tree      string // "" if there are conflicts, or nothing was to be written
	conflicts []conflict
}

// merge merges the source into the destination.
func (r *repository) merge(ctx context.Context, source, destination string, rules mergeRules, keepFolders bool) (*merged, error) {
	base, err := r.mergeBase(ctx, destination, source)
	if err != nil {
		return nil, err
	}
	if base == "" {
		return nil, awsjson.Errorf("TipsDivergenceExceededException", "the commits %s and %s have no common ancestor", source, destination)
	}
	var trees [3]map[string]*gitobj.Entry
	var destinationTree string
	paths := make(map[string]bool)
	for i, id := range []string{base, source, destination} {
		c, err := r.commit(ctx, id)
		if err != nil {
			return nil, err
		}
		destinationTree = c.TreeID
		files, err := r.flatten(ctx, nil, "", c.TreeID)
		if err != nil {
			return nil, err
		}
		trees[i] = make(map[string]*gitobj.Entry, len(files))
		for _, f := range files {
			trees[i][f.path] = &gitobj.Entry{Mode: f.mode.Canonical(), ID: f.id}
			paths[f.path] = true
		}
	}
	m := &merged{base: base}
	changes := make(edits)
	result := make(map[string]bool) // the paths that stay
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		v := versions{trees[0][path], trees[1][path], trees[2][path]}
		e, c, err := r.mergeFile(ctx, path, v, rules)
		if err != nil {
			return nil, fmt.Errorf("merge of %s: %w", path, err)
		}
		if c != nil {
			m.conflicts = append(m.conflicts, *c)
			continue
		}
		if e != nil {
			result[path] = true
		}
		if !sameEntry(e, v.destination) {
			changes[path] = e
		}
	}
	for path := range result {
		for dir := filepath.ToSlash(filepath.Dir(path)); dir != "."; dir = filepath.ToSlash(filepath.Dir(dir)) {
			if result[dir] { // a file of one side, a folder of the other
				c := conflict{Path: dir, Number: 1, ObjectTypeConflict: true}
				c.Operations = mergeOperations{operation(trees[0][dir], trees[1][dir]), operation(trees[0][dir], trees[2][dir])}
				m.conflicts = append(m.conflicts, c)
				delete(result, dir)
			}
		}
	}
	slices.SortFunc(m.conflicts, func(a, b conflict) int { return strings.Compare(a.Path, b.Path) })
	if len(m.conflicts) == 0 && rules.write {
		m.tree, err = r.edit(ctx, destinationTree, changes, keepFolders)
	}
	return m, err
}

func sameEntry(a, b *gitobj.Entry) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.Mode == b.Mode
}

// mergeFile merges the versions of a path.
func (r *repository) mergeFile(ctx context.Context, path string, v versions, rules mergeRules) (*gitobj.Entry, *conflict, error) {
	switch {
	case sameEntry(v.source, v.destination), sameEntry(v.base, v.source):
		return v.destination, nil, nil
	case sameEntry(v.base, v.destination):
		return v.source, nil, nil
	}
	level, strategy := *rules.Level, *rules.Strategy
	c, err := r.conflictOf(ctx, path, v)
	if err != nil {
		return nil, nil, err
	}
	if level == "LINE_LEVEL" || strategy == "AUTOMERGE" {
		e, err := r.mergeLines(ctx, v, rules, c)
		if err != nil {
			return nil, nil, err
		}
		if e != nil {
			return e, nil, nil
		}
	}
	switch strategy {
	case "ACCEPT_SOURCE":
		return v.source, nil, nil
	case "ACCEPT_DESTINATION":
		return v.destination, nil, nil
	case "AUTOMERGE":
		if resolution := rules.resolution[path]; resolution != nil {
			e, err := resolution(ctx, v)
			return e, nil, err
		}
	}
	return nil, c, nil
}

func operation(base, side *gitobj.Entry) string {
	switch {
	case side == nil:
		return "D"
	case base == nil:
		return "A"
	}
	return "M"
}

// conflictOf describes a conflict of the versions of a path.
func (r *repository) conflictOf(ctx context.Context, path string, v versions) (*conflict, error) {
	c := &conflict{Path: path, Number: 1, Operations: mergeOperations{operation(v.base, v.source), operation(v.base, v.destination)}}
	for _, side := range []struct {
		entry  *gitobj.Entry
		size   *int64
		mode   *string
		kind   *string
		binary *bool
	}{
		{v.source, &c.Sizes.Source, &c.Modes.Source, &c.Types.Source, &c.Binary.Source},
		{v.destination, &c.Sizes.Destination, &c.Modes.Destination, &c.Types.Destination, &c.Binary.Destination},
		{v.base, &c.Sizes.Base, &c.Modes.Base, &c.Types.Base, &c.Binary.Base},
	} {
		if side.entry == nil {
			continue
		}
		*side.kind = objectType(side.entry.Mode)
		if side.entry.Mode == gitobj.ModeSubmodule {
			continue
		}
		*side.mode = fileMode(side.entry.Mode)
		data, err := r.content(ctx, side.entry.ID)
		if err != nil {
			return nil, err
		}
		*side.size, *side.binary = int64(len(data)), isBinary(data)
	}
	if v.source != nil && v.destination != nil {
		c.ContentConflict = v.source.ID != v.destination.ID
		c.ObjectTypeConflict = c.Types.Source != c.Types.Destination
		c.ModeConflict = !c.ObjectTypeConflict && v.source.Mode != v.destination.Mode && (v.base == nil || v.source.Mode != v.base.Mode && v.destination.Mode != v.base.Mode)
	}
	return c, nil
}

func objectType(mode gitobj.Mode) string {
	switch mode {
	case gitobj.ModeSubmodule:
		return "GIT_LINK"
	case gitobj.ModeSymlink:
		return "SYMBOLIC_LINK"
	}
	return "FILE"
}

func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 }

// content returns the content of a blob, which is not too large for the API.
func (r *repository) content(ctx context.Context, id string) ([]byte, error) {
	b, err := r.blob(ctx, id)
	if errors.Is(err, errTooLarge) {
		return nil, awsjson.Errorf("MaximumFileContentToLoadExceededException", "the blob %s has more than %d bytes", id, maxFile)
	} else if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(b)
}

// mergeLines merges the lines of a file that all three sides have, with the git
// program. It returns nil if it cannot, and counts the conflicts.
func (r *repository) mergeLines(ctx context.Context, v versions, rules mergeRules, c *conflict) (*gitobj.Entry, error) {
	regular := func(e *gitobj.Entry) bool {
		return e != nil && (e.Mode == gitobj.ModeFile || e.Mode == gitobj.ModeExecutable)
	}
	if !regular(v.base) || !regular(v.source) || !regular(v.destination) || c.ModeConflict || c.Binary != (sides[bool]{}) {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "codecommittest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := []string{"merge-file", "-p", "-q"}
	switch *rules.Strategy {
	case "ACCEPT_SOURCE":
		args = append(args, "--theirs")
	case "ACCEPT_DESTINATION":
		args = append(args, "--ours")
	}
	for i, e := range []*gitobj.Entry{v.destination, v.base, v.source} {
		data, err := r.content(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
		args = append(args, name)
	}
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env, cmd.Dir = gitEnv(os.Environ()), dir
	data, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 && exit.ExitCode() < 128 {
		c.Number = exit.ExitCode()
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("git merge-file: %w", err)
	}
	mode := v.source.Mode
	if mode == v.base.Mode {
		mode = v.destination.Mode
	}
	e := &gitobj.Entry{Mode: mode, ID: gitobj.BlobID(data)}
	if !rules.write {
		return e, nil
	}
	_, err = r.put(ctx, "blob", data)
	return e, err
}
