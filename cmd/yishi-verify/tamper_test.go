package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yishi/models/board"
)

func sumHex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// flip changes one letter of a text.
func flip(r *rand.Rand, s string) string {
	b := []byte(s)
	i := r.IntN(len(b))
	for old := b[i]; b[i] == old; {
		b[i] = byte(' ' + r.IntN(95))
	}
	return string(b)
}

// tampering is a way to change a file, and what the faults that it makes are
// called; any of them will do. It reports false where the file has nothing to
// change in that way.
type tampering struct {
	name   string
	faults []string
	do     func(*rand.Rand, *file) bool
}

var rolls = []string{"roll.hash", "roll.order", "roll.twice", "roll.unit", "roll.area", "roll.area_sum", "roll.due"}

var tamperings = []tampering{
	{"flip a letter of a leaf", []string{"checkpoint.root"}, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Leaves))
		f.Leaves[i] = flip(r, f.Leaves[i])
		return true
	}},
	{"another choice, in its form", []string{"checkpoint.root"}, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Leaves))
		changed := strings.NewReplacer(`"yes"`, `"no"`, `"no"`, `"yes"`, `"y,`, `"n,`, `"1`, `"2`, `"abstain"`, `"yes"`).Replace(f.Leaves[i])
		same := changed == f.Leaves[i] || i == 0
		f.Leaves[i] = changed
		return !same
	}},
	{"delete a leaf", []string{"checkpoint.root", "checkpoint.beyond"}, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Leaves))
		f.Leaves = slices.Delete(f.Leaves, i, i+1)
		return len(f.Leaves) > 0
	}},
	{"cut off the end", []string{"checkpoint.beyond"}, func(r *rand.Rand, f *file) bool {
		f.Leaves = f.Leaves[:1+r.IntN(len(f.Leaves)-1)]
		return true
	}},
	{"insert a ballot", []string{"checkpoint.root", "checkpoint.none"}, func(r *rand.Rand, f *file) bool {
		e := f.Roll[r.IntN(len(f.Roll))]
		l := board.Leaf{Unit: e.Unit, Choice: "yes", Area: e.Area, Salt: fmt.Sprintf("%032x", r.Uint64())}
		f.Leaves = slices.Insert(f.Leaves, r.IntN(len(f.Leaves)+1), string(l.Bytes()))
		return true
	}},
	{"a leaf twice", []string{"checkpoint.root", "checkpoint.none"}, func(r *rand.Rand, f *file) bool {
		f.Leaves = slices.Insert(f.Leaves, r.IntN(len(f.Leaves)+1), f.Leaves[r.IntN(len(f.Leaves))])
		return true
	}},
	{"change places", []string{"checkpoint.root"}, func(r *rand.Rand, f *file) bool {
		i, j := r.IntN(len(f.Leaves)), r.IntN(len(f.Leaves))
		f.Leaves[i], f.Leaves[j] = f.Leaves[j], f.Leaves[i]
		return i != j
	}},
	{"flip a letter of the roll", rolls, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Roll))
		f.Roll[i].Unit = flip(r, f.Roll[i].Unit)
		return true
	}},
	{"another area", rolls, func(r *rand.Rand, f *file) bool {
		f.Roll[r.IntN(len(f.Roll))].Area += 1 + r.Int64N(1_000_000)
		return true
	}},
	{"strike off the roll", rolls, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Roll))
		f.Roll = slices.Delete(f.Roll, i, i+1)
		return true
	}},
	{"add to the roll", rolls, func(r *rand.Rand, f *file) bool {
		f.Roll = slices.Insert(f.Roll, r.IntN(len(f.Roll)+1), entry{fmt.Sprintf("%032x", r.Uint64()), 0})
		return true
	}},
	{"shuffle the roll", rolls, func(r *rand.Rand, f *file) bool {
		r.Shuffle(len(f.Roll), func(i, j int) { f.Roll[i], f.Roll[j] = f.Roll[j], f.Roll[i] })
		return !slices.IsSortedFunc(f.Roll, func(a, b entry) int { return strings.Compare(a.Unit, b.Unit) })
	}},
	{"flip a letter of the definition", []string{"definition.leaf"}, func(r *rand.Rand, f *file) bool {
		f.Definition = flip(r, f.Definition)
		return true
	}},
	{"another definition, on the board too", []string{"checkpoint.root"}, func(r *rand.Rand, f *file) bool {
		f.Definition = strings.Replace(f.Definition, `"question":"`, `"question":"不`, 1)
		f.Leaves[0] = f.Definition
		return true
	}},
	{"another verdict", []string{"checkpoint.root"}, func(r *rand.Rand, f *file) bool {
		last := &f.Leaves[len(f.Leaves)-1]
		old := *last
		digit := string(rune('0' + r.IntN(10)))
		*last = strings.NewReplacer("passed", "failed", "failed", "passed", digit, "9").Replace(old)
		return *last != old
	}},
	{"flip a letter of a checkpoint", []string{
		"checkpoint.form", "checkpoint.signature", "checkpoint.key", "checkpoint.poll", "checkpoint.root", "checkpoint.beyond",
	}, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Checkpoints))
		f.Checkpoints[i] = flip(r, f.Checkpoints[i])
		return true
	}},
	{"a checkpoint of another tree", []string{"checkpoint.signature"}, func(r *rand.Rand, f *file) bool {
		i := r.IntN(len(f.Checkpoints))
		lines := strings.Split(f.Checkpoints[i], "\n")
		lines[1] = strconv.Itoa(r.IntN(20) + 20)
		f.Checkpoints[i] = strings.Join(lines, "\n")
		return true
	}},
}

// TestTampering tampers with 1,000 boards at random while somebody holds the
// last checkpoint: each is found out, by name.
func TestTampering(t *testing.T) {
	const tries = 1000
	s := signer(t, 1)
	r := rand.New(rand.NewPCG(2026, 11))
	missed, of := 0, map[string]int{}
	for n := 0; n < tries; {
		f := polls[r.IntN(len(polls))].hold(t).file(t, s, false)
		kept := f.Checkpoints[len(f.Checkpoints)-1]
		f.Leaves, f.Roll, f.Checkpoints = slices.Clone(f.Leaves), slices.Clone(f.Roll), slices.Clone(f.Checkpoints)
		how := tamperings[n%len(tamperings)]
		if !how.do(r, &f) {
			continue
		}
		n++
		of[how.name]++
		code, said := run(f.save(t), "--checkpoint", kept)
		if code != 1 || !slices.ContainsFunc(codesOf(said), func(c string) bool { return slices.Contains(how.faults, c) }) {
			missed++
			t.Errorf("%s, exit %d\n%s", how.name, code, said)
		}
	}
	t.Logf("%d tamperings in %d ways, %d missed", tries, len(of), missed)
}

// TestRewritten replaces a whole board by another one that is right in itself.
// Signed by another key it is found out by the key or by a checkpoint that
// somebody kept; signed by the forum's own key, by the checkpoint alone; and
// without either nobody can tell.
func TestRewritten(t *testing.T) {
	own, other := signer(t, 1), signer(t, 2)
	kept := polls[0].hold(t).file(t, own, false).Checkpoints[2]
	rewritten := polls[3].hold(t) // as many leaves, another verdict
	rewritten.def["question"] = "装电梯吗？"
	for _, tt := range []struct {
		name string
		by   *board.Signer
		args []string
		want []string // faults; none: not found out
	}{
		{"by another key, nothing at hand", other, nil, nil},
		{"by another key, the key at hand", other, []string{"--key", own.Key()}, []string{"key.differs", "checkpoint.key"}},
		{"by another key, a checkpoint at hand", other, []string{"--checkpoint", kept}, []string{"checkpoint.key"}},
		{"by another key, both at hand", other, []string{"--key", own.Key(), "--checkpoint", kept}, []string{"key.differs", "checkpoint.beyond"}},
		{"by its own key, nothing at hand", own, nil, nil},
		{"by its own key, the key at hand", own, []string{"--key", own.Key()}, nil},
		{"by its own key, a checkpoint at hand", own, []string{"--checkpoint", kept}, []string{"checkpoint.beyond"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, said := run(append([]string{rewritten.file(t, tt.by, false).save(t)}, tt.args...)...)
			codes := codesOf(said)
			if (code == 0) != (tt.want == nil) {
				t.Errorf("exit %d\n%s", code, said)
			}
			for _, want := range tt.want {
				if !slices.Contains(codes, want) {
					t.Errorf("it does not name %s\n%s", want, said)
				}
			}
			if warned := strings.Contains(said, "公钥取自文件本身"); warned != !slices.Contains(tt.args, "--key") {
				t.Errorf("that the key is the file's own is said: %v\n%s", warned, said)
			}
			if warned := strings.Contains(said, "没有给出 --checkpoint"); warned != !slices.Contains(tt.args, "--checkpoint") {
				t.Errorf("that no checkpoint is at hand is said: %v\n%s", warned, said)
			}
		})
	}
}
