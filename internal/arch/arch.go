// Package arch keeps the project's imports pointing one way.
//
// [Rules] says which package must not import, or do, what, and why. [Check] holds the
// sources against it. It reads the files itself: a test that asked the go command would
// be served from the test cache after a bad import was added.
package arch

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Patterns beside the names of packages.
const (
	// ThirdParty matches every import from outside the module and the standard library.
	ThirdParty = "third-party packages"
	// Testing matches packages that exist for tests: an element of their path ends in "test".
	Testing = "*test packages"
)

// Rule is what the named packages must not do. Test files are free of all rules.
type Rule struct {
	// Packages are the patterns of the packages the rule is for, Except those it spares.
	Packages, Except []string
	// Imports are patterns of packages that must not be imported, except those in Allows.
	Imports, Allows []string
	// Goroutines forbids go statements.
	Goroutines bool
	// Clock forbids the functions of package time that read the clock or wait for it.
	Clock bool
	// Because is the reason, as a reader of the failure sees it.
	Because string
}

// Violation is one place that breaks a rule.
type Violation struct {
	Pos     token.Position
	What    string
	Because string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s:%d: %s (%s)", v.Pos.Filename, v.Pos.Line, v.What, v.Because)
}

// Check returns what breaks rules in the Go files of tree, in order of place. The tree is
// that of the module named module, from its root. Files of other systems included; files for
// tests, modules within the module, dependencies (vendor, node_modules), testdata and hidden
// folders excluded.
func Check(tree fs.FS, module string, rules []Rule) ([]Violation, error) {
	var found []Violation
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipped(tree, name)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parse(tree, name, module)
		if err != nil {
			return err
		}
		for _, r := range rules {
			found = append(found, f.breaks(r)...)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return found, err
}

func skipped(tree fs.FS, dir string) error {
	if _, err := fs.Stat(tree, path.Join(dir, "go.mod")); err == nil && dir != "." {
		return fs.SkipDir
	}
	base := path.Base(dir)
	hidden := base != "." && strings.HasPrefix(base, ".")
	if hidden || slices.Contains([]string{"vendor", "node_modules", "testdata"}, base) {
		return fs.SkipDir
	}
	return nil
}

// file is one parsed source file.
type file struct {
	pkg    string // as in a rule: "./webpubsub/server"
	module string
	fset   *token.FileSet
	syntax *ast.File
}

func parse(tree fs.FS, name, module string) (file, error) {
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return file{}, err
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return file{}, fmt.Errorf("parse %s: %w", name, err)
	}
	return file{pkg: "./" + path.Dir(name), module: module, fset: fset, syntax: syntax}, nil
}

func (f file) breaks(r Rule) []Violation {
	if !matchesAny(r.Packages, f.pkg) || matchesAny(r.Except, f.pkg) {
		return nil
	}
	var found []Violation
	report := func(at token.Pos, what string) {
		found = append(found, Violation{Pos: f.fset.Position(at), What: f.pkg + " must not " + what, Because: r.Because})
	}
	for _, spec := range f.syntax.Imports {
		if imported := f.imported(spec); matchesAny(r.Imports, imported) && !matchesAny(r.Allows, imported) {
			report(spec.Pos(), "import "+imported)
		}
	}
	if r.Goroutines {
		f.eachGo(func(at token.Pos) { report(at, "start a goroutine") })
	}
	if r.Clock {
		f.eachClock(func(at token.Pos, name string) { report(at, "use time."+name) })
	}
	return found
}

// imported is the path of an import, "./…" when it is the module's own.
func (f file) imported(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("arch: parser accepted import path " + spec.Path.Value)
	}
	if own, ok := strings.CutPrefix(name, f.module+"/"); ok {
		return "./" + own
	}
	return name
}

func (f file) eachGo(report func(token.Pos)) {
	for n := range ast.Preorder(f.syntax) {
		if s, ok := n.(*ast.GoStmt); ok {
			report(s.Pos())
		}
	}
}

// clock names what in package time depends on now.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// eachClock also reports a dot import of package time, whose uses could not be told apart.
func (f file) eachClock(report func(at token.Pos, name string)) {
	name := ""
	for _, spec := range f.syntax.Imports {
		if f.imported(spec) != "time" {
			continue
		}
		if name = "time"; spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			report(spec.Pos(), "* by a dot import")
		}
	}
	for n := range ast.Preorder(f.syntax) {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(clock, s.Sel.Name) {
			continue
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == name {
			report(s.Pos(), s.Sel.Name)
		}
	}
}

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

func matches(pattern, pkg string) bool {
	switch pattern {
	case ThirdParty:
		host, _, _ := strings.Cut(pkg, "/")
		return strings.Contains(host, ".") && host != "."
	case Testing:
		return slices.ContainsFunc(strings.Split(pkg, "/"), func(s string) bool { return strings.HasSuffix(s, "test") })
	}
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	}
	return pkg == pattern
}
