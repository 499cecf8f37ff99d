//! Which file of `src` uses which, read from the code by `syn`.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

use super::sources;

/// A path in code as its segments, from `crate` on.
type Segments = Vec<String>;

/// The files of `src`, by the path of their module.
pub(super) struct Modules {
    files: BTreeMap<Segments, Module>,
}

/// One file: the paths that its code names, tests aside, and the names that it exports from elsewhere.
#[derive(Default)]
struct Module {
    file: String,
    paths: BTreeSet<Segments>,
    exports: BTreeMap<String, Segments>,
}

impl Modules {
    /// Reads all of `src`.
    pub(super) fn read() -> Self {
        let texts = sources("src");
        let known: BTreeSet<Segments> = texts.iter().map(|(file, _)| module_path(file)).collect();
        let files = texts.into_iter().map(|(file, text)| {
            let path = module_path(&file);
            let mut reader = Reader {
                base: path.clone(),
                known: &known,
                module: Module {
                    file,
                    ..Module::default()
                },
            };
            reader.visit_file(&syn::parse_file(&text).expect("Rust"));
            (path, reader.module)
        });
        Self {
            files: files.collect(),
        }
    }

    /// The files that each file uses. A file and the files in the folder of its name are one module: what these use of each
    /// other is not counted.
    pub(super) fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let used = |(from, module): (&Segments, &Module)| {
            let targets = module.paths.iter().filter_map(|path| self.definer(path, 0));
            let others = targets.filter(|to| !from.starts_with(to) && !to.starts_with(from));
            others.map(|to| self.files[to].file.as_str()).collect()
        };
        let files = self.files.iter();
        files
            .map(|entry| (entry.1.file.as_str(), used(entry)))
            .collect()
    }

    /// The module whose file defines what a path names, through the exports of others.
    fn definer(&self, path: &[String], depth: usize) -> Option<&Segments> {
        let length = (1..=path.len()).rev();
        let (module, rest) = length
            .map(|length| path.split_at(length))
            .find_map(|(start, rest)| Some((self.files.get_key_value(start)?, rest)))?;
        let exported = rest.first().and_then(|name| module.1.exports.get(name));
        match exported {
            Some(target) if depth < 8 => {
                let target = [target, &rest[1..]].concat();
                self.definer(&target, depth + 1)
            }
            _ => Some(module.0),
        }
    }
}

/// `src/store/sync.rs` is `crate::store::sync`.
fn module_path(file: &str) -> Segments {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let names = inner.split('/').filter(|name| *name != "lib");
    std::iter::once("crate")
        .chain(names)
        .map(str::to_owned)
        .collect()
}

/// Collects the paths of one file.
struct Reader<'a> {
    base: Segments,
    known: &'a BTreeSet<Segments>,
    module: Module,
}

impl Reader<'_> {
    /// From `crate` on, if it names something of ours.
    fn absolute(&self, path: &[String]) -> Option<Segments> {
        let supers = path.iter().take_while(|name| *name == "super").count();
        let start = match path.first()?.as_str() {
            "crate" => return Some(path.to_vec()),
            "self" => return Some([&self.base, &path[1..]].concat()),
            "super" => self.base[..self.base.len().checked_sub(supers)?].to_vec(),
            child => {
                let inner = [self.base.as_slice(), &[child.to_owned()]].concat();
                self.known.contains(&inner).then(|| self.base.clone())?
            }
        };
        Some([&start, &path[supers..]].concat())
    }

    fn add_use(&mut self, tree: &UseTree, prefix: &[String], is_export: bool) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.add_use(&path.tree, &with(&path.ident), is_export);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, prefix, is_export);
                }
                return;
            }
            UseTree::Glob(_) => (prefix.to_vec(), None),
            UseTree::Name(name) if name.ident == "self" => (prefix.to_vec(), None),
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
        };
        let Some(path) = self.absolute(&path) else {
            return;
        };
        if let (true, Some(name)) = (is_export, name) {
            self.module.exports.insert(name, path.clone());
        }
        self.module.paths.insert(path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_export = !matches!(item.vis, Visibility::Inherited);
        self.add_use(&item.tree, &[], is_export);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Segments = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let is_ours = names
            .first()
            .is_some_and(|name| name == "crate" || name == "super");
        if let Some(path) = self.absolute(&names).filter(|_| is_ours) {
            self.module.paths.insert(path);
        }
        visit::visit_path(self, path);
    }
}

fn is_test(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    };
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    })
}
