package artifact

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/codesuite-go/codesuite/internal/deflate"
)

// zipTime is the time of all that is in an output artifact: the first that the
// format knows.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes the content as a zip archive, in the order of the names.
func Write(w io.Writer, content fs.FS) error {
	zw := zip.NewWriter(w)
	zw.RegisterCompressor(zip.Deflate, compressor)
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if _, err := cleanName(name); err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return addToZip(zw, content, name, info)
	})
	if err != nil {
		return err
	}
	return zw.Close()
}

func addToZip(zw *zip.Writer, content fs.FS, name string, info fs.FileInfo) error {
	mode := info.Mode().Type() | info.Mode().Perm()
	h := &zip.FileHeader{Name: name, Modified: zipTime, Method: zip.Deflate}
	switch {
	case mode.IsDir():
		h.Name, h.Method = name+"/", zip.Store
		if mode.Perm() == 0 {
			mode |= 0o755
		}
	case mode.IsRegular():
		if mode.Perm() == 0 {
			mode |= 0o644
		}
	case mode.Type() == fs.ModeSymlink:
		mode, h.Method = fs.ModeSymlink|0o777, zip.Store
	default:
		return fmt.Errorf("%q is neither a file nor a folder nor a link (%v)", name, mode)
	}
	h.SetMode(mode)
	var from io.Reader
	if mode.IsRegular() {
		file, err := content.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	var target string
	if mode.Type() == fs.ModeSymlink {
		var err error
		if target, err = fs.ReadLink(content, name); err != nil {
			return fmt.Errorf("the target of a link: %w", err)
		}
	}
	to, err := zw.CreateHeader(h)
	if err != nil {
		return err
	}
	if from != nil {
		_, err = io.Copy(to, from)
	} else if target != "" {
		_, err = io.WriteString(to, target)
	}
	if err != nil {
		return &fs.PathError{Op: "read", Path: path.Clean(name), Err: err}
	}
	return nil
}

// compressionLevel is the level of deflate. The bytes of an artifact depend on
// it.
const compressionLevel = 5

func compressor(w io.Writer) (io.WriteCloser, error) { return deflate.NewWriter(w, compressionLevel) }
