package artifact

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/codesuite-go/codesuite/internal/deflate"
)

// openZipContent returns the content of a file or link of a zip archive. Its
// size and checksum are compared while it is read.
func openZipContent(file io.ReaderAt, n *node) io.ReadCloser {
	c := &zipContent{left: n.size, crc: n.content.crc, sum: crc32.NewIEEE()}
	section := io.NewSectionReader(file, n.content.offset, n.content.stored)
	if n.content.method == deflated {
		c.packed = bufio.NewReader(section)
		c.r = deflate.NewReader(c.packed)
	} else {
		c.r = io.NopCloser(section)
	}
	return c
}

type zipContent struct {
	r      io.ReadCloser
	packed *bufio.Reader // compressed content, nil if it is stored
	left   int64         // bytes that the archive says are to come
	crc    uint32
	sum    hash.Hash32
	err    error // of Read, which then returns it again
}

func (c *zipContent) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		c.err = errors.New("it has more content than its header says")
		return int(c.left), c.err
	}
	c.left -= int64(n)
	c.sum.Write(p[:n])
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, fs.ErrClosed):
		c.err = err
	case err != io.EOF:
		c.err = damaged(err)
	case c.left > 0:
		c.err = damaged(io.ErrUnexpectedEOF)
	case c.sum.Sum32() != c.crc:
		c.err = fmt.Errorf("it is damaged: its checksum is %08x, and the archive says %08x", c.sum.Sum32(), c.crc)
	default:
		c.err = c.checkEnd()
	}
	return n, c.err
}

// checkEnd returns io.EOF, or the error of bytes behind the compressed content.
// A program that reads the archive from its front takes them for other entries.
func (c *zipContent) checkEnd() error {
	if c.packed == nil {
		return io.EOF
	}
	switch _, err := c.packed.ReadByte(); {
	case err == nil:
		return errors.New("more follows the end of its compressed content: a program that reads the archive from its front may find other entries there")
	case err != io.EOF:
		return damaged(err)
	}
	return io.EOF
}

func (c *zipContent) Close() error { return c.r.Close() }
