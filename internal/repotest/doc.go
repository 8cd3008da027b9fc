// Package repotest holds the repository to its own rules: layers, dependencies,
// documentation, names, and the code of README.md. It has tests only.
package repotest
