package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/codesuite-go/codesuite/internal/ctxio"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// writeLarge writes a member whose content Options.LargeBlob supplies. The
// content goes through a temporary file, because its size comes before it in the
// archive and in the object that its ID is the hash of. The others are the IDs of
// those that are known to be too large as well.
func (j *job) writeLarge(ctx context.Context, format format, m *member, others []string) (err error) {
	file, err := os.CreateTemp("", "codesuite-blob-")
	if err != nil {
		return err
	}
	defer func() {
		file.Close()
		os.Remove(file.Name())
	}()
	size, err := j.spool(ctx, file, m, others)
	if err != nil {
		return err
	}
	if !j.options.SkipVerify {
		h := gitobj.NewHash("blob", size)
		if _, err := io.Copy(h, io.NewSectionReader(file, 0, size)); err != nil {
			return err
		}
		if got := gitobj.Sum(h); got != m.id {
			return &IntegrityError{Path: m.path, Want: m.id, Got: got}
		}
	}
	converts, err := m.converts(size)
	if err != nil {
		return err
	}
	if !converts {
		j.progress.Bytes += size
		return format.addFile(m, file, size)
	}
	content := make([]byte, size)
	if _, err := file.ReadAt(content, 0); err != nil {
		return err
	}
	content, unconverted, err := j.convert(m, content)
	if err != nil {
		return err
	}
	if unconverted != "" {
		j.info.Unconverted = append(j.info.Unconverted, Unconverted{Path: m.path, Encoding: unconverted})
	}
	e, err := format.encode(m, content)
	if err != nil {
		return err
	}
	j.progress.Bytes += e.size
	return format.add(m, e)
}

// maxConverted is the size of the largest file that is converted, in memory: the
// default of git's core.bigFileThreshold, above which git archives a file as it
// is. Only export-subst has no limit in git.
const maxConverted = 512 << 20

// converts reports whether the content of a file of the size is converted.
func (m *member) converts(size int64) (bool, error) {
	switch {
	case m.attributes == nil:
		return false, nil
	case size <= maxConverted:
		return true, nil
	case m.isSubstituted():
		return false, fmt.Errorf("it has %d bytes: the attribute export-subst takes %d at most", size, int64(maxConverted))
	}
	return false, nil
}

// otherLarge returns the IDs of files that are known to be too large and come behind
// member i in the archive. It waits until no more is fetched ahead: who supplies
// the files gets all that can be known of them.
func (f *fetcher) otherLarge(i int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.err == nil && f.fetchesAhead() {
		f.writer.Wait()
	}
	var others []string
	seen := map[string]bool{f.members[i].id: true}
	for k := i + 1; k < len(f.members); k++ {
		if e, id := f.encoded[k], f.members[k].id; e != nil && e.tooLarge && !seen[id] {
			seen[id] = true
			others = append(others, id)
		}
	}
	return others
}

// fetchesAhead reports whether blobs are fetched, or still to be listed, that no
// member waits for yet. The caller holds mu.
func (f *fetcher) fetchesAhead() bool {
	return f.fetching > 0 || f.budget.room() && (!f.planned || !f.order.empty())
}

// spool copies the content of the member to file.
func (j *job) spool(ctx context.Context, file *os.File, m *member, others []string) (int64, error) {
	r, err := j.options.LargeBlob(ctx, BlobRef{
		Repository: j.repo.Name(), Commit: j.commit.ID, Path: m.path, ID: m.id, Others: others,
	})
	if err != nil {
		return 0, fmt.Errorf("Options.LargeBlob: %w", err)
	}
	if r == nil {
		return 0, errors.New("Options.LargeBlob returned neither a reader nor an error")
	}
	size, err := io.Copy(file, ctxio.NewReader(ctx, r))
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, fmt.Errorf("content of Options.LargeBlob: %w", err)
	}
	return size, nil
}
