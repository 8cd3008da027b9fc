//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// unpack writes the content into the folder, with its modes and links. Its
// owner may write into all folders.
func unpack(ctx context.Context, dir string, content fs.FS) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	buffer := make([]byte, 128<<10)
	type folder struct {
		name string
		mode fs.FileMode
	}
	var folders []folder // their modes come last: some do not let files be written
	err = fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch mode := info.Mode(); {
		case name == ".":
			return nil
		case mode.IsDir():
			folders = append(folders, folder{name, mode.Perm() | 0o700})
			return root.Mkdir(name, 0o700)
		case mode.Type() == fs.ModeSymlink:
			target, err := fs.ReadLink(content, name)
			if err != nil {
				return err
			}
			return root.Symlink(target, name)
		default:
			return unpackFile(ctx, root, content, name, mode.Perm(), buffer)
		}
	})
	if err != nil {
		return err
	}
	for _, f := range folders {
		if err := root.Chmod(f.name, f.mode); err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(ctx context.Context, root *os.Root, content fs.FS, name string, mode fs.FileMode, buffer []byte) (err error) {
	in, err := content.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, &contextReader{ctx, in}, buffer); err != nil {
		return err
	}
	return out.Chmod(mode)
}

// contextReader ends a copy when the context has ended.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}
