package gitfetch

import (
	"bytes"
	"io"
)

// memorySize is how many bytes of objects a store holds in memory. The others are
// in its file.
const memorySize = 16 << 20

// content is the content of an object, in memory or in a file.
type content struct {
	data []byte
	file *tempFile // nil if data holds it
	off  int64
	size int64
}

func (c content) reader() io.Reader {
	if c.file == nil {
		return bytes.NewReader(c.data)
	}
	return io.NewSectionReader(c.file, c.off, c.size)
}

// copyTo writes a part of the content to w. The part is in the content.
func (c content) copyTo(w io.Writer, from, n int64) error {
	if c.file == nil {
		_, err := w.Write(c.data[from : from+n])
		return err
	}
	_, err := io.Copy(w, io.NewSectionReader(c.file, c.off+from, n))
	return err
}

// store holds contents for a while, as a stack: the last that came goes first.
type store struct {
	dir    string
	memory int64 // bytes in memory
	file   *tempFile
	top    int64 // end of what is in the file
}

// add makes room for an object that write writes, which has the size.
func (s *store) add(size int64, write func(io.Writer) error) (content, error) {
	if s.memory+size <= memorySize {
		buf := bytes.NewBuffer(make([]byte, 0, size))
		if err := write(buf); err != nil {
			return content{}, err
		}
		s.memory += size
		return content{data: buf.Bytes(), size: size}, nil
	}
	if s.file == nil {
		file, err := newTempFile(s.dir)
		if err != nil {
			return content{}, err
		}
		s.file = file
	}
	c := content{file: s.file, off: s.top, size: size}
	s.top += size
	return c, write(io.NewOffsetWriter(s.file, c.off))
}

// drop lets go of the content that came last of those that are there.
func (s *store) drop(c content) {
	if c.file == nil {
		s.memory -= c.size
		return
	}
	s.top = c.off
}

// Close removes the file.
func (s *store) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
