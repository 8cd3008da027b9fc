package gitfetch

import "github.com/codesuite-go/codesuite/internal/gitobj"

func blobID(content []byte) objectID {
	id, err := parseID(gitobj.BlobID(content))
	if err != nil {
		panic(err)
	}
	return id
}
