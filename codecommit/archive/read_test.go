package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// readArchive reads all of an archive and returns the number of its members.
// A tar archive must end as it should.
func readArchive(format string, data []byte) (int, error) {
	if format == "zip" {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return 0, err
		}
		for _, f := range r.File {
			rc, err := f.Open()
			if err != nil {
				return 0, err
			}
			if _, err := io.Copy(io.Discard, rc); err != nil {
				return 0, err
			}
		}
		return len(r.File), nil
	}
	if format == "tar.gz" {
		gz, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return 0, err
		}
		if data, err = io.ReadAll(gz); err != nil {
			return 0, err
		}
	}
	if len(data) == 0 || len(data)%10240 != 0 || !bytes.Equal(data[len(data)-1024:], make([]byte, 1024)) {
		return 0, errors.New("not padded to a record")
	}
	members := 0
	for r := tar.NewReader(bytes.NewReader(data)); ; members++ {
		if _, err := r.Next(); err == io.EOF {
			return members, nil
		} else if err != nil {
			return 0, err
		}
	}
}
