//! Processes, huge pages, RDMA, and files of v2 by their names.

use super::{Setting, Settings, hold, of_file, size, written};
use ::cgroup::{Controller, Version};
use spec::resources::{Bound, HugePages, Rdma, Resources};

pub(super) fn add(all: &mut Settings<'_>, resources: &Resources) {
    if let Some(bound) = resources.pids {
        let value = written(bound, Version::V2);
        let words = hold("processes", bound, |number| number.to_string());
        all.file("--pids-limit", Controller::Pids, [Some("pids.max"); 2], words, value);
    }
    resources.hugetlb.iter().for_each(|pages| huge_pages(all, pages));
    resources.rdma.iter().for_each(|rdma| handles(all, rdma));
    resources.unified.iter().for_each(|(file, value)| unified(all, file, value));
}

fn huge_pages(all: &mut Settings<'_>, HugePages { size: pages, limit }: &HugePages) {
    const OPTION: &str = "--hugetlb-limit";
    let Some(version) = all.version(OPTION, Controller::Hugetlb) else { return };
    let kind = if version == Version::V1 { "limit_in_bytes" } else { "max" };
    all.wanted.push(Ok(Setting {
        option: OPTION,
        words: hold(&format!("huge pages of {pages}"), *limit, size),
        controller: Controller::Hugetlb,
        file: format!("hugetlb.{pages}.{kind}"),
        value: written(*limit, version),
    }));
}

fn handles(all: &mut Settings<'_>, Rdma { device, handles, objects }: &Rdma) {
    let pair = |key: &str, bound: Option<Bound>| {
        bound.map(|bound| format!(" {key}={}", written(bound, Version::V2)))
    };
    let pairs = [pair("hca_handle", *handles), pair("hca_object", *objects)];
    let value = format!("{device}{}", pairs.into_iter().flatten().collect::<String>());
    let words = format!("hold the RDMA device {value}");
    all.file("rdma", Controller::Rdma, [Some("rdma.max"); 2], words, value);
}

/// Keys are of v2; on v1 they would be the names of other files or none.
fn unified(all: &mut Settings<'_>, file: &str, value: &str) {
    const OPTION: &str = "--cgroup-conf";
    let Some(controller) = of_file(file) else {
        return all.refuse(
            OPTION,
            format!("{file} is the file of no controller"),
            "see cgroups(7) for their names",
        );
    };
    match all.version(OPTION, controller) {
        None => {}
        Some(Version::V1) => {
            let why = format!(
                "{file} is a file of cgroup v2, and the {controller} controller is in a hierarchy of v1"
            );
            all.refuse(OPTION, why, "use the option of this limit, which works on both");
        }
        Some(Version::V2) => all.wanted.push(Ok(Setting {
            option: OPTION,
            words: format!("write {value} to {file}"),
            controller,
            file: file.to_owned(),
            value: value.to_owned(),
        })),
    }
}
