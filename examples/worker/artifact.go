//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/codesuite-go/codesuite/examples/internal/glob"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// check returns what is wrong with the output.
func (o *output) check() error {
	if o.Artifact != "" && !artifactName.MatchString(o.Artifact) {
		return fmt.Errorf("artifact %q: a name has letters, digits, '_' and '-'", o.Artifact)
	}
	if o.BaseDirectory != "" && !filepath.IsLocal(o.BaseDirectory) {
		return fmt.Errorf("baseDirectory %q is not a folder in the working directory", o.BaseDirectory)
	}
	if o.File != "" {
		if len(o.Files) > 0 || len(o.Exclude) > 0 {
			return errors.New("file and files: an artifact is either one file or an archive of files")
		}
		if !filepath.IsLocal(o.File) {
			return fmt.Errorf("file %q is not in the working directory", o.File)
		}
		return nil
	}
	if len(o.Files) == 0 {
		return errors.New(`files: there are none; "**/*" is all`)
	}
	for _, pattern := range slices.Concat(o.Files, o.Exclude) {
		if err := glob.Check(pattern); err != nil {
			return fmt.Errorf("pattern %q: %w", pattern, err)
		}
	}
	return nil
}

// outputFor returns the entry of the configuration file for an output artifact,
// nil if it tells nothing.
func (d *definition) outputFor(artifact string) *output {
	var others *output
	for i := range d.Outputs {
		switch d.Outputs[i].Artifact {
		case artifact:
			return &d.Outputs[i]
		case "":
			others = &d.Outputs[i]
		}
	}
	return others
}

// put puts an output artifact: the file or the files that the configuration file
// names, or else the content of the artifact's folder.
func (r *runner) put(ctx context.Context, job *action.Job, ws *workspace, artifact string) error {
	o := r.definition.outputFor(artifact)
	dir, where := ws.outputs[artifact], "the folder in $"+variableName("OUTPUT", artifact)
	if o != nil {
		dir, where = ws.source, "the working directory"
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("output artifact %q: %w", artifact, err)
	}
	defer root.Close()
	if o != nil && o.BaseDirectory != "" {
		base, err := root.OpenRoot(filepath.Clean(o.BaseDirectory))
		if err != nil {
			return action.Failf(action.FailureTypeJobFailed, "output artifact %q: the base directory: %w", artifact, err)
		}
		defer base.Close()
		root, where = base, "the base directory "+o.BaseDirectory
	}
	if o != nil && o.File != "" {
		return putFile(ctx, job, artifact, root, filepath.Clean(o.File), where)
	}
	content, files, err := selectFiles(ctx, rootFS{root.FS(), root}, o)
	if err != nil {
		return fmt.Errorf("output artifact %q: %w", artifact, err)
	}
	if files == 0 {
		return fmt.Errorf("output artifact %q: no files for it are in %s", artifact, where)
	}
	return job.PutOutput(ctx, artifact, content)
}

// putFile puts an output artifact that is one file, as it is.
func putFile(ctx context.Context, job *action.Job, artifact string, root *os.Root, name, where string) error {
	file, err := openRegular(root, name)
	if err != nil {
		return fmt.Errorf("output artifact %q: the file %s in %s: %w", artifact, name, where, err)
	}
	defer file.Close()
	return job.PutOutputFile(ctx, artifact, file)
}

// rootFS is the file system of root. It opens "." and regular files only, and
// does not wait.
type rootFS struct {
	fs.FS
	root *os.Root
}

var _ fs.ReadLinkFS = rootFS{}

// Open opens a file.
func (r rootFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return r.FS.Open(name)
	}
	file, err := openRegular(r.root, name)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// ReadDir returns what is in a folder.
func (r rootFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// Lstat describes a link itself, not the file to which it leads.
func (r rootFS) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(r.FS, name) }

// ReadLink returns where a link leads.
func (r rootFS) ReadLink(name string) (string, error) { return fs.ReadLink(r.FS, name) }

// selection is what of a file system belongs into an artifact.
type selection struct {
	fs.FS
	names map[string]bool // that are in it; nil is all
}

var _ fs.ReadLinkFS = selection{}

// selectFiles returns the files and links that o tells, with the folders that
// they are in, and their number. Without o that is all.
func selectFiles(ctx context.Context, content fs.FS, o *output) (selection, int, error) {
	s, files := selection{FS: content}, 0
	if o != nil {
		s.names = make(map[string]bool)
	}
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case d.IsDir():
			return nil
		case o == nil:
			files++
		case glob.MatchAny(o.Files, name) && !glob.MatchAny(o.Exclude, name):
			files++
			for ; !s.names[name]; name = path.Dir(name) {
				s.names[name] = true
			}
		}
		return nil
	})
	return s, files, err
}

// ReadDir leaves out what is not selected.
func (s selection) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.FS, name)
	if s.names == nil {
		return entries, err
	}
	return slices.DeleteFunc(entries, func(d fs.DirEntry) bool { return !s.names[path.Join(name, d.Name())] }), err
}

// Lstat describes a link itself, not the file to which it leads.
func (s selection) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(s.FS, name) }

// ReadLink returns where a link leads.
func (s selection) ReadLink(name string) (string, error) { return fs.ReadLink(s.FS, name) }
