package codecommittest

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/klauspost/compress/zlib"
)

// mirror is a repository of git with what a [memory] holds, for the git program.
type mirror struct {
	git  *git
	dir  string
	has  map[string]bool // objects
	refs map[string]string
}

func newMirror(ctx context.Context) (*mirror, error) {
	dir, err := os.MkdirTemp("", "codesuite-mirror-")
	if err != nil {
		return nil, err
	}
	m := &mirror{
		dir: dir, has: make(map[string]bool), refs: make(map[string]string),
		git: &git{dir: dir, env: gitEnv(os.Environ())},
	}
	if _, err := m.git.run(ctx, "init", "--quiet", "--bare", "--initial-branch="+defaultBranch, dir); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// update adds what the memory has got since the last time.
func (m *mirror) update(ctx context.Context, from *memory) error {
	var objects []memoryObject
	var ids []string
	var refs strings.Builder
	from.mu.RLock()
	for id, o := range from.objects {
		if !m.has[id] {
			ids, objects = append(ids, id), append(objects, o)
		}
	}
	now := make(map[string]string, len(from.references))
	for ref, id := range from.references {
		if now[ref] = id; m.refs[ref] != id {
			fmt.Fprintf(&refs, "update %s %s\n", ref, id)
		}
	}
	from.mu.RUnlock()
	for ref := range m.refs {
		if _, ok := now[ref]; !ok {
			fmt.Fprintf(&refs, "delete %s\n", ref)
		}
	}
	if len(objects) > 0 {
		pack, err := packOf(objects)
		if err != nil {
			return err
		}
		if err := m.feed(ctx, pack, "index-pack", "--stdin"); err != nil {
			return err
		}
		for _, id := range ids {
			m.has[id] = true
		}
	}
	if refs.Len() > 0 {
		if err := m.feed(ctx, []byte(refs.String()), "update-ref", "--stdin"); err != nil {
			return err
		}
		m.refs = now
	}
	return nil
}

// feed runs git with the input.
func (m *mirror) feed(ctx context.Context, input []byte, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir", m.dir, "-c", "core.fsync=none"}, args...)...)
	cmd.Env, cmd.Stdin = m.git.env, bytes.NewReader(input)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return gitError(err, complaint.String())
	}
	return nil
}

func (m *mirror) close() { os.RemoveAll(m.dir) }

// packOf returns the objects as a pack.
func packOf(objects []memoryObject) ([]byte, error) {
	kinds := map[string]byte{"commit": 1, "tree": 2, "blob": 3, "tag": 4}
	var pack bytes.Buffer
	pack.WriteString("PACK")
	binary.Write(&pack, binary.BigEndian, [2]uint32{2, uint32(len(objects))})
	z := zlib.NewWriter(&pack)
	for _, o := range objects {
		size := len(o.data)
		first := kinds[o.kind]<<4 | byte(size&15)
		for size >>= 4; size > 0; size >>= 7 {
			pack.WriteByte(first | 0x80)
			first = byte(size & 0x7f)
		}
		pack.WriteByte(first)
		z.Reset(&pack)
		if _, err := z.Write(o.data); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
	}
	sum := sha1.Sum(pack.Bytes())
	return append(pack.Bytes(), sum[:]...), nil
}
