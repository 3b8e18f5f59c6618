//! scratch
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(format!("{}/chs.toml", a[1])).unwrap();
    let project = match chs_data::read_project("chs.toml", &text) {
        Ok(p) => p,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let t = std::time::Instant::now();
    let (history, report) = match chs_data::load(&project, std::path::Path::new(&a[2]), None) {
        Ok(x) => x,
        Err(e) => {
            println!("{e}\nhelp: {:?}", e.help());
            return;
        }
    };
    println!("load {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let panel = chs_data::replay(&project, &history).unwrap();
    println!("replay {:?} {} rows", t.elapsed(), panel.len());
    let t = std::time::Instant::now();
    let check = chs_data::check(&project, &history, &report, &panel);
    println!("check {:?}", t.elapsed());
    for f in &check.findings {
        println!("{} {} {}", f.code, f.level.as_str(), f.sentence);
    }
    for (i, o) in history.outcomes.iter().enumerate() {
        println!("outcome {i} {} rows until {:?}", o.at.len(), o.follow_up_end);
    }
    for row in [0, 1, panel.len() / 2] {
        println!(
            "{} {} {:?}",
            panel.account_id(row),
            panel.snapshot()[row],
            panel
                .indicators()
                .iter()
                .map(|c| (c.name.clone(), c.column.numbers().and_then(|n| n.get(row))))
                .collect::<Vec<_>>()
        );
    }
}
