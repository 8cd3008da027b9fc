package archive

// LFSPointer is a file that stands for one in Git LFS. The archive holds the
// pointer, as the repository does.
type LFSPointer struct {
	Path string
	OID  string // SHA-256 of the content, in hexadecimal
	Size int64  // of the content, in bytes
}

// BaseInfo tells what became of Options.Base.
type BaseInfo struct {
	Reused  int
	Ignored string
}
